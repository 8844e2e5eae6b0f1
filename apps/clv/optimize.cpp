#include "cli.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::cli {

void add_optimize(CLI::App& app, Job& job) {
    const auto flags = std::make_shared<Flags>();
    const auto certificate = std::make_shared<std::string>();
    const Command command = [certificate](const RunConfig& config, Terminal& terminal) {
        return certificate->empty() ? commands::optimize(config, terminal)
                                    : commands::verify_certificate(*certificate, config, terminal);
    };
    CLI::App* sub = add_command(app, job, "optimize",
                                "The best action for every customer within a budget and other limits, from results or "
                                "an uplift CSV",
                                command, "simulation.seed", flags);
    sub->add_option("--verify", *certificate,
                    "recompute what this certificate.json claims, from its uplift table (or optimizer.uplift), and "
                    "write nothing")
        ->type_name("FILE");
}

}  // namespace clv::cli
