#include "cli.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::cli {

void add_learn(CLI::App& app, Job& job) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, job, "learn",
                                    "Churn from attributes and past outcomes of customers, or values from transactions",
                                    commands::learn, "learn.seed", flags);
    add_key_flag(*command, flags, "--target", "learn.target");
}

}  // namespace clv::cli
