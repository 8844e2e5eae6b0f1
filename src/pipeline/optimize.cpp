// `clv optimize`: a plan from an uplift CSV as it is, or from results, whose run it simulates again on fresh paths.

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "clv/config/values.hpp"
#include "clv/core/errors.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/decisions/table/read_uplift_table.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/documents/certificate_file.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/file_digest.hpp"
#include "clv/output/hdf5/results_file.hpp"
#include "clv/output/hdf5/results_reader.hpp"
#include "clv/output/output_set.hpp"
#include "clv/pipeline/backends.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/pipeline/current_policy.hpp"
#include "clv/pipeline/steps.hpp"
#include "clv/planning/simulation_run.hpp"
#include "clv/terminal/run_tables.hpp"
#include "pipeline/steps/earlier_run.hpp"
#include "pipeline/steps/output_folder.hpp"
#include "pipeline/steps/prepare_population.hpp"
#include "pipeline/steps/valuation.hpp"

namespace clv::commands {

namespace {

using Clock = std::chrono::system_clock;

/// Says what was found, publishes it and says where it is.
int finish(const UpliftTable& table, const PlannedActions& decision, const RunRecord& record,
           OutputSet::EarlierFiles earlier, OutputSet& outputs, Clock::time_point started, Terminal& terminal) {
    if (terminal.wants_json()) {
        const nlohmann::json summary{{"customers", table.size()}, {"plan", plan_record(decision)}};
        terminal.data(summary.dump(2) + "\n");
    } else {
        print_plan(table, decision, terminal);
    }
    outputs.commit(record, earlier);
    say_written(outputs, started, terminal);
    return static_cast<int>(ExitCode::done);
}

/// A table that is nowhere but in memory goes with the plan, so that the certificate can be verified.
CertifiedFile write_table(const MemoryTable& table, const std::string& name, OutputSet& outputs) {
    const std::filesystem::path path = outputs.path(name);
    CheckedFile file(path);
    std::string text;
    append_csv_header(table, text);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        text += '\n';
        append_csv_row(table, row, text);
        if (text.size() > (std::size_t{1} << 20)) {
            file.write(text);
            text.clear();
        }
    }
    file.write(text + '\n');
    file.close();
    return {name, digest_file(path).sha256};
}

int optimize_table(const RunConfig& config, Clock::time_point started, Terminal& terminal) {
    const OptimizerSettings& settings = config.optimizer;
    if (!settings.results.empty()) {
        throw ConfigError("both optimizer.uplift and optimizer.results are given: name one");
    }
    if (settings.objective == Objective::mean_cvar) {
        throw ConfigError(
            "optimizer.objective = \"mean_cvar\" needs paths, which an uplift CSV does not have: plan from results "
            "(optimizer.results), or use \"profit\"");
    }
    if (settings.added_paths > 0) {
        throw ConfigError(
            "optimizer.added_paths needs a simulation, which an uplift CSV does not have: plan from results "
            "(optimizer.results), or leave it out");
    }
    if (is_result_in(settings.uplift, output_folder(config))) {
        throw ConfigError(
            fmt::format("optimizer.uplift is one of the results in the output folder ({}), which the plan "
                        "would replace: leave it out to plan from them, or name another --out",
                        settings.uplift));
    }
    OutputSet outputs = open_output(config, "optimize");
    CsvReader reader = open_csv(settings.uplift, config.input.tables);
    const UpliftTable table =
        read_uplift_table(reader, config.input.columns, settings.require_choice, customer_cvar_level(config), terminal);
    const std::vector<std::uint8_t> current =
        current_policy(settings.current, table.customer_id, table.actions, terminal);
    terminal.message(fmt::format("planning for {} customers x {} action{}",
                                 with_thousands(static_cast<std::int64_t>(table.size())), table.actions.size() - 1,
                                 table.actions.size() == 2 ? "" : "s"));
    const PlannedActions decision = decide(table, settings, current, nullptr);
    CertifiedFile uplift;
    if (is_in_memory(settings.uplift)) {
        uplift = write_table(*config.input.tables.at(settings.uplift), "uplift.csv", outputs);
    } else {
        uplift.file = std::filesystem::absolute(settings.uplift).lexically_normal().string();
        uplift.sha256 = digest_file(settings.uplift).sha256;
    }
    write_plan_files(table, settings, decision, uplift, outputs);
    RunRecord record = run_record(config, "optimize", nullptr, started);
    record.input = RunInput{settings.uplift, uplift.sha256, {}};
    record.plan = plan_record(decision);
    record.steps = step_record(config, "plan", outputs.names());
    return finish(table, decision, record, OutputSet::EarlierFiles::remove, outputs, started, terminal);
}

/// Names of the segments without that of everybody.
std::vector<std::string> segments_of(const Hdf5File& results) {
    std::vector<std::string> segments = results.read_strings("segment");
    segments.erase(segments.begin());
    return segments;
}

int optimize_results(const RunConfig& given, Clock::time_point started, Terminal& terminal) {
    if (given.optimizer.require_choice) {
        throw ConfigError(
            "optimizer.require_choice is for an uplift CSV: in results every customer may have no action");
    }
    const EarlierRun earlier = open_earlier_run(given);
    const RunConfig& config = earlier.config;
    const std::filesystem::path& folder = earlier.folder;
    const Hdf5File results = open_results_h5(folder / "results.h5");
    require_uplift(results);
    check_request(config.optimizer, config.simulation, results.read_strings("action"), segments_of(results));
    const PathLaw law = config.input.has_purchases() ? PathLaw::retail : PathLaw::subscription;
    const std::unique_ptr<Backend> backend =
        choose_backend(config.execution, config.simulation, law, config.optimizer.objective == Objective::mean_cvar);
    OutputSet outputs = open_output(earlier.as_given, "optimize");
    const bool in_place = std::filesystem::equivalent(folder, outputs.out_dir());
    terminal.message(fmt::format("planning from {}; all but [optimizer] is as it was then", folder.string()));
    Population population = prepare_population(config, outputs, terminal);
    const std::string input = input_hash(config.input, config.survival, population.customers.content_hash);
    if (const std::string was = read_origin(results).input_hash; input != was) {
        throw InputError(
            fmt::format("the data is not what the results were made from ({}: hash {}, {}: hash {}): run "
                        "clv simulate again",
                        population.report.file, input, folder.string(), was));
    }
    SimulationRun run = read_valuation(results, folder, population, customer_cvar_level(config));
    const std::vector<std::uint8_t> current = current_policy(config.optimizer.current, population.customers.customer_id,
                                                             action_names(population.plan), terminal);
    plan_population(population, config.optimizer, current, *backend, run, terminal);
    const UpliftTable& table = *run.uplift;
    const PlannedActions& decision = *run.decision;
    CertifiedFile uplift{"results.h5", {}};
    const bool refined_before = has_refined_uplift(results);
    if (in_place || !table.paths.empty() || refined_before) {  // elsewhere too: the table is another one
        if (run.totals.empty()) {
            add_totals_without_actions(population, *backend, run, terminal);
        }
        ResultsUnderWay file(earlier.as_given, input, population, true, outputs);
        file.copy_customers(results);
        const Hdf5File rewritten = file.finish(run);
        write_run_tables(population, run, rewritten, {}, EarlierTables::stand, refined_before, outputs);
        uplift.sha256 = digest_file(file.path()).sha256;
    } else {
        uplift.file = std::filesystem::absolute(folder / "results.h5").lexically_normal().string();
        uplift.sha256 = digest_file(folder / "results.h5").sha256;
    }
    write_plan_files(table, config.optimizer, decision, uplift, outputs);

    const Capabilities device = backend->capabilities();
    RunRecord record = earlier.record;  // what was read and fitted is as it was
    const RunRecord own = run_record(earlier.as_given, "optimize", &device, started);
    record.program = own.program;
    record.command = own.command;
    record.config = own.config;
    record.config_hash = own.config_hash;
    record.execution = own.execution;
    if (!in_place) {
        record.inputs.clear();  // they lie in the other folder
    }
    record.plan = plan_record(decision);
    std::vector<std::string> files = outputs.names();
    if (in_place) {
        for (const auto& [name, digest] : earlier.record.files) {
            files.push_back(name);
        }
    }
    constexpr std::array<std::string_view, 1> steps{"plan"};
    record.steps = Ledger(earlier.as_given, steps, earlier.record.steps).record(files);
    return finish(table, decision, record, in_place ? OutputSet::EarlierFiles::keep : OutputSet::EarlierFiles::remove,
                  outputs, started, terminal);
}

}  // namespace

int optimize(const RunConfig& config, Terminal& terminal) {
    const auto started = Clock::now();
    return config.optimizer.uplift.empty() ? optimize_results(config, started, terminal)
                                           : optimize_table(config, started, terminal);
}

}  // namespace clv::commands
