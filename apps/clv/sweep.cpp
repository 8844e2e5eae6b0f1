#include "cli.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::cli {

void add_sweep(CLI::App& app, Job& job) {
    const auto flags = std::make_shared<Flags>();
    add_command(app, job, "sweep",
                "The value of the portfolio and its segments in every scenario, beside the run as it is",
                commands::sweep, "simulation.seed", flags);
}

}  // namespace clv::cli
