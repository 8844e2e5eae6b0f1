#include "cli.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::cli {

void add_doctor(CLI::App& app, Job& job) {
    const auto flags = std::make_shared<Flags>();
    add_command(app, job, "doctor", "What this machine and this build can do", commands::doctor, "simulation.seed",
                flags);
}

}  // namespace clv::cli
