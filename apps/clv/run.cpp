#include "cli.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::cli {

void add_run(CLI::App& app, Job& job) {
    const auto flags = std::make_shared<Flags>();
    add_command(app, job, "run", "Everything that the configuration names, from customers to the plan", commands::run,
                "simulation.seed", flags);
}

}  // namespace clv::cli
