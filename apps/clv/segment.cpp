#include "cli.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::cli {

void add_segment(CLI::App& app, Job& job) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, job, "segment", "Groups of similar customers, ranked by value and named",
                                    commands::segment, "segment.seed", flags);
    add_key_flag(*command, flags, "--clusters", "segment.clusters");
}

}  // namespace clv::cli
