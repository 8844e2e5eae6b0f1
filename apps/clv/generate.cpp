#include "cli.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::cli {

void add_generate(CLI::App& app, Job& job) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, job, "generate", "A synthetic world of customers with known truth",
                                    commands::generate, "generate.seed", flags);
    add_key_flag(*command, flags, "--kind", "generate.kind");
    add_key_flag(*command, flags, "--customers", "generate.customers");
}

}  // namespace clv::cli
