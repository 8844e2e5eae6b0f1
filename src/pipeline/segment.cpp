// `clv segment`: groups of similar customers of an input.

#include <fmt/format.h>

#include "clv/core/errors.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/output_set.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/steps/prepare_population.hpp"
#include "clv/steps/segment_files.hpp"
#include "clv/terminal/run_tables.hpp"
#include "clv/terminal/segment_tables.hpp"
#include "pipeline/steps/command_run.hpp"
#include "pipeline/steps/settings.hpp"

namespace clv::commands {

int segment(const RunConfig& config, Terminal& terminal) {
    require_input(config);
    require_segment_agreement(config.segment);
    if (has_purchases(config) && (!config.segment.value_column.empty() || !config.segment.churn_column.empty())) {
        throw ConfigError("segment.value and segment.churn name columns of input.customers: leave them out");
    }
    const PopulationSettings settings = population_settings(config);
    CommandRun run(config, "segment", {"segment"});
    OutputSet& outputs = run.outputs();
    Rejects rejects(settings.input.fault_rule(), outputs);
    const SegmentsOfInput found = segments_of_input(settings, config.segment, rejects.sink(), terminal);
    rejects.finish(found.report, terminal);
    write_segment_files(found.table, outputs);
    RunRecord record = run.record(nullptr);
    record.input = run_input(found.report, input_hash(settings.input, settings.survival, found.content_hash));
    record.warnings = found.report.warnings;
    show_segments(found.table.segments, terminal);
    print_segments(found.table.segments, terminal);
    outputs.commit(record);
    say_earlier_files(outputs, terminal);
    terminal.message(fmt::format("wrote {}", outputs.out_dir().string()));
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
