#include "cli.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::cli {

void add_simulate(CLI::App& app, Job& job) {
    const auto flags = std::make_shared<Flags>();
    add_command(app, job, "simulate",
                "The distribution of every customer's lifetime value, of the segments and of the portfolio",
                commands::simulate, "simulation.seed", flags);
}

}  // namespace clv::cli
