#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "clv/core/errors.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/output_set.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/terminal/run_tables.hpp"
#include "pipeline/steps/command_run.hpp"
#include "pipeline/steps/settings.hpp"

namespace clv::commands {

namespace {

int generate_retail(const RunConfig& config, Terminal& terminal) {
    CommandRun run(config, "generate", {"generate"});
    OutputSet& outputs = run.outputs();
    const RetailWorld world = write_retail_world(world_settings(config), outputs, terminal);
    RunRecord record = run.record(nullptr);
    record.truth = RunTruth{world.transactions, world.log_factors};
    outputs.commit(record);
    say_earlier_files(outputs, terminal);
    terminal.message(fmt::format("wrote {} transactions of {} customers, and their truth, to {}",
                                 with_thousands(static_cast<std::int64_t>(world.transactions)),
                                 with_thousands(config.generate.customers), outputs.out_dir().string()));
    return static_cast<int>(ExitCode::done);
}

}  // namespace

int generate(const RunConfig& config, Terminal& terminal) {
    if (config.generate.kind == "retail") {
        return generate_retail(config, terminal);
    }
    CommandRun run(config, "generate", {"generate"});
    OutputSet& outputs = run.outputs();
    write_world(world_settings(config), outputs, terminal);
    outputs.commit(run.record(nullptr));
    say_earlier_files(outputs, terminal);
    terminal.message(fmt::format("wrote {} customers and their truth to {}", with_thousands(config.generate.customers),
                                 outputs.out_dir().string()));
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
