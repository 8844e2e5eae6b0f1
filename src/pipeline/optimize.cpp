// `clv optimize`: a plan from an uplift CSV as it is, or from results, whose run it simulates again on fresh paths.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "clv/core/absolute_path.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/json_text.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/decisions/table/read_uplift_table.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/documents/certificate_file.hpp"
#include "clv/output/documents/learner_file.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/file_digest.hpp"
#include "clv/output/hdf5/results_file.hpp"
#include "clv/output/hdf5/results_reader.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/tables/retention_writer.hpp"
#include "clv/pipeline/backends.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/pipeline/current_policy.hpp"
#include "clv/planning/simulation_run.hpp"
#include "clv/steps/prepare_population.hpp"
#include "clv/steps/valuation.hpp"
#include "clv/terminal/run_tables.hpp"
#include "pipeline/steps/command_run.hpp"
#include "pipeline/steps/earlier_run.hpp"

namespace clv::commands {

namespace {

/// Says what was found, publishes it and says where it is.
int finish(const UpliftTable& table, const PlannedActions& decision, const RunRecord& record,
           OutputSet::EarlierFiles earlier, CommandRun& run, Terminal& terminal) {
    if (terminal.wants_json()) {
        const auto left = static_cast<std::size_t>(std::ranges::count(table.churned, std::uint8_t{1}));
        nlohmann::json summary{{"customers", table.size() - left}, {"plan", plan_record(decision)}};
        if (left > 0) {
            summary["churned"] = {{"customers", left}};
        }
        terminal.data(json_text(summary, 2) + "\n");
    } else {
        print_plan(table, decision, terminal);
    }
    run.outputs().commit(record, earlier);
    say_written(run.outputs(), run.started(), terminal);
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

/// Throws ConfigError for what a table alone cannot give.
void require_table_settings(const OptimizerSettings& settings, const std::string& out_dir) {
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
    if (is_result_in(settings.uplift, out_dir)) {
        throw ConfigError(
            fmt::format("optimizer.uplift is one of the results in the output folder ({}), which the plan "
                        "would replace: leave it out to plan from them, or name another --out",
                        settings.uplift));
    }
}

int optimize_table(const RunConfig& config, Terminal& terminal) {
    const OptimizerSettings& settings = config.optimizer;
    require_table_settings(settings, output_folder(config));
    CommandRun run(config, "optimize", {"plan"});
    OutputSet& outputs = run.outputs();
    CsvReader reader = open_csv(settings.uplift, config.input.tables);
    const UpliftTable table = read_uplift_table(reader, config.input.columns, settings.require_choice,
                                                customer_cvar_level(settings, config.simulation), terminal);
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
        uplift.file = absolute_path(settings.uplift).string();
        uplift.sha256 = digest_file(settings.uplift).sha256;
    }
    write_plan_files(table, settings, decision, uplift, outputs);
    RunRecord record = run.record(nullptr);
    record.input = RunInput{settings.uplift, uplift.sha256, {}};
    record.plan = plan_record(decision);
    return finish(table, decision, record, OutputSet::EarlierFiles::remove, run, terminal);
}

/// Throws InputError unless the population is the one that was simulated.
void require_same_input(const Hdf5File& results, const std::filesystem::path& folder, const std::string& input,
                        const Population& population) {
    if (const std::string was = read_origin(results).input_hash; input != was) {
        throw InputError(
            fmt::format("the data is not what the results were made from ({}: hash {}, {}: hash {}): run "
                        "clv simulate again",
                        population.report.file, input, folder.string(), was));
    }
}

/// The record of an earlier run, what was read and fitted as it was, with this command's plan.
RunRecord planned_record(const EarlierRun& earlier, bool in_place, const Backend& backend, const CommandRun& run,
                         const PlannedActions& decision) {
    std::vector<std::string> earlier_files;
    if (in_place) {
        for (const auto& [name, digest] : earlier.record.files) {
            earlier_files.push_back(name);
        }
    }
    const Capabilities device = backend.capabilities();
    RunRecord own = run.record(&device, earlier_files);
    RunRecord record = earlier.record;
    record.program = std::move(own.program);
    record.command = std::move(own.command);
    record.config = std::move(own.config);
    record.config_hash = std::move(own.config_hash);
    record.execution = std::move(own.execution);
    record.steps = std::move(own.steps);
    if (!in_place) {
        record.inputs.clear();  // they lie in the other folder
    }
    record.plan = plan_record(decision);
    return record;
}

int optimize_results(const RunConfig& given, Terminal& terminal) {
    if (given.optimizer.require_choice) {
        throw ConfigError(
            "optimizer.require_choice is for an uplift CSV: in results every customer may have no action");
    }
    EarlierRun earlier = open_earlier_run(given);
    const OptimizerSettings& settings = given.optimizer;
    const PopulationSettings& customers = earlier.customers;
    const std::filesystem::path& folder = earlier.folder;
    const Hdf5File results = open_results_h5(folder / "results.h5");
    require_uplift(results);
    require_configuration(results, earlier.record.config_hash);
    check_request(settings, customers.plan.settings, results.read_strings("action"), read_segments(results));
    const PathLaw law = customers.input.has_purchases() ? PathLaw::retail : PathLaw::subscription;
    const std::unique_ptr<Backend> backend =
        choose_backend(given.execution, with_draws(customers, customers.input.has_purchases()), law,
                       settings.objective == Objective::mean_cvar);
    const bool in_place = earlier.is_continued;
    CommandRun command(earlier.config, "optimize", {"plan"}, earlier.record.steps,
                       in_place ? std::move(earlier.lock) : FolderLock());
    OutputSet& outputs = command.outputs();
    terminal.message(fmt::format("planning from {}; all but [optimizer] is as it was then", folder.string()));
    std::optional<Learner> learner;
    if (learns(customers) && earlier.record.files.contains("learner.json")) {
        learner = read_learner(folder / "learner.json");
    }
    Population population =
        prepare_population(customers, outputs, terminal, FitFiles::left_out, {nullptr, learner ? &*learner : nullptr});
    const std::string input = input_hash(customers.input, customers.survival, population.customers.content_hash);
    require_same_input(results, folder, input, population);
    SimulationRun run =
        read_valuation(results, folder, population, customer_cvar_level(settings, customers.plan.settings));
    const std::vector<std::uint8_t> current =
        current_policy(settings.current, population.customers.customer_id, action_names(population.plan), terminal);
    plan_population(population, settings, current, *backend, run, terminal);
    const UpliftTable& table = *run.uplift;
    const PlannedActions& decision = *run.decision;
    CertifiedFile uplift{"results.h5", {}};
    const bool refined_before = has_refined_uplift(results);
    if (in_place || !table.paths.empty() || refined_before) {  // elsewhere too: the table is another one
        if (run.totals.empty()) {
            add_totals_without_actions(population, *backend, run, terminal);
        }
        ResultsUnderWay file(command.origin(input), population, true, outputs);
        file.copy_customers(results);
        const Hdf5File rewritten = file.finish(run);
        write_run_tables(population, run, rewritten, {}, EarlierTables::stand, refined_before, outputs);
        uplift.sha256 = digest_file(file.path()).sha256;
    } else {
        uplift.file = absolute_path(folder / "results.h5").string();
        uplift.sha256 = digest_file(folder / "results.h5").sha256;
    }
    write_plan_files(table, settings, decision, uplift, outputs);
    write_retention(population, results, table, decision, outputs);
    return finish(table, decision, planned_record(earlier, in_place, *backend, command, decision),
                  in_place ? OutputSet::EarlierFiles::keep : OutputSet::EarlierFiles::remove, command, terminal);
}

}  // namespace

int optimize(const RunConfig& config, Terminal& terminal) {
    return config.optimizer.uplift.empty() ? optimize_results(config, terminal) : optimize_table(config, terminal);
}

}  // namespace clv::commands
