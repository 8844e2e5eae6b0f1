#include "cli.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::cli {

void add_validate(CLI::App& app, Job& job) {
    const auto flags = std::make_shared<Flags>();
    add_command(app, job, "validate", "Read the input and report every fault", commands::validate, "simulation.seed",
                flags);
}

}  // namespace clv::cli
