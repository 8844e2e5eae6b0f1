#include "cli.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::cli {

void add_fit(CLI::App& app, Job& job) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, job, "fit", "Models of purchases and spend, or of contract renewals",
                                    commands::fit, "simulation.seed", flags);
    add_key_flag(*command, flags, "--model", "fit.model");
}

}  // namespace clv::cli
