#include "cli.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::cli {

void add_run(CLI::App& app, Job& job) {
    const auto flags = std::make_shared<Flags>();
    const auto options = std::make_shared<commands::RunOptions>();
    const Command command = [options](const RunConfig& config, Terminal& terminal) {
        return commands::run(config, *options, terminal);
    };
    CLI::App* sub = add_command(app, job, "run", "Everything that the configuration names, from customers to the plan",
                                command, "simulation.seed", flags);
    sub->add_flag("--fresh", options->fresh,
                  "make every step anew, also those whose results stand in the output folder");
    sub->add_flag("--dry-run", options->dry_run, "list the steps and why they would run, and write nothing");
}

}  // namespace clv::cli
