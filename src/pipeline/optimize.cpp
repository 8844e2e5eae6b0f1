// `clv optimize`: a plan from an uplift CSV as it is, or from results, whose run it simulates again on fresh paths.

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

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
#include "clv/planning/added_paths.hpp"
#include "clv/planning/simulation_run.hpp"
#include "clv/simulation/portfolio.hpp"
#include "clv/terminal/run_tables.hpp"
#include "earlier_run.hpp"
#include "output_folder.hpp"
#include "read_population.hpp"

namespace clv::commands {

namespace {

using Clock = std::chrono::system_clock;

/// Of the CVaR that the table needs; none: it needs no CVaR.
std::optional<double> cvar_level(const RunConfig& config) {
    return config.optimizer.customer_risk_weight > 0.0 ? std::optional(config.simulation.cvar_level) : std::nullopt;
}

/// Says what was found, publishes it and says where it is.
int finish(const UpliftTable& table, const PlannedActions& decision, const nlohmann::json& record,
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
    OutputSet outputs(output_folder(config));
    if (is_result_in(settings.uplift, output_folder(config))) {
        throw ConfigError(
            fmt::format("optimizer.uplift is one of the results in the output folder ({}), which the plan "
                        "would replace: leave it out to plan from them, or name another --out",
                        settings.uplift));
    }
    CsvReader reader = open_csv(settings.uplift, config.input.tables);
    const UpliftTable table =
        load_uplift(reader, config.input.columns, settings.require_choice, cvar_level(config), terminal);
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
    nlohmann::json record = run_record(config, "optimize", nullptr, started);
    record["input"] = {{"file", settings.uplift}, {"hash", uplift.sha256}};
    record["plan"] = plan_record(decision);
    return finish(table, decision, record, OutputSet::EarlierFiles::remove, outputs, started, terminal);
}

void require_same_customers(const UpliftTable& table, const Population& population,
                            const std::filesystem::path& folder) {
    bool agrees = table.size() == population.customers.size();
    for (std::size_t i = 0; agrees && i < table.size(); ++i) {
        agrees = table.customer_id[i] == population.customers.customer_id[i];
    }
    if (!agrees || table.actions != action_names(population.plan)) {
        throw InputError(
            fmt::format("the results have other customers or actions than the data, or another order of "
                        "them ({}, {}): run clv simulate again",
                        folder.string(), population.report.file));
    }
}

/// portfolio.csv, results.h5 and, where it changes, uplift.csv as `clv run` would have written them with this plan.
std::string rewrite_results(const RunConfig& config, const Population& population, const PlanSimulator& simulator,
                            const Hdf5File& results, const UpliftTable& table, const PlannedActions& decision,
                            const std::string& input, OutputSet& outputs) {
    SimulationRun run;
    PathTotals none = simulator.without_actions("simulating without actions");
    run.portfolio = portfolio_rows(none, population.customers, config.simulation, "none", table.lifetime_months);
    run.totals.push_back({"none", std::move(none)});
    add_chosen(population, table, decision, run);
    write_portfolio_csv(outputs.path("portfolio.csv"), config.simulation, run.portfolio);

    const std::filesystem::path path = outputs.path("results.h5");
    ResultsFile file(path, {program_version(), config.simulation.seed, config_hash(config), input},
                     population.customers, population.plan, plan_names(population.plan, true));
    replay_figures(results, population.plan, file);
    file.write_portfolio(run.portfolio, run.totals);
    if (const std::vector<CashflowRow> cashflow = read_cashflow(results); !cashflow.empty()) {
        file.write_cashflow(cashflow);
    }
    file.write_refined(table);
    file.close();
    if (!table.paths.empty() || has_refined_uplift(results)) {
        write_uplift_csv(outputs.path("uplift.csv"), population.customers.customer_id, population.plan,
                         open_results_h5(path));
    }
    return digest_file(path).sha256;
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
    UpliftTable table = read_uplift_table(results, cvar_level(config));
    check_request(config.optimizer, config.simulation, table.actions, table.segments);
    const PathLaw law = config.input.has_purchases() ? PathLaw::retail : PathLaw::subscription;
    const std::unique_ptr<Backend> backend =
        choose_backend(config.execution, config.simulation, law, config.optimizer.objective == Objective::mean_cvar);
    OutputSet outputs(output_folder(given));
    const bool in_place = std::filesystem::equivalent(folder, outputs.out_dir());
    terminal.message(fmt::format("planning from {}; all but [optimizer] is as it was then", folder.string()));
    Population population = read_population(config, outputs, terminal);
    const std::string input = input_hash(config, population.customers.content_hash);
    if (const std::string was = read_origin(results).input_hash; input != was) {
        throw InputError(
            fmt::format("the data is not what the results were made from ({}: hash {}, {}: hash {}): run "
                        "clv simulate again",
                        population.report.file, input, folder.string(), was));
    }
    require_same_customers(table, population, folder);
    const std::vector<std::uint8_t> current =
        current_policy(config.optimizer.current, table.customer_id, table.actions, terminal);

    const PlanSimulator simulator(population, *backend, terminal);
    add_paths(table, config.optimizer, current, simulator);
    const PlannedActions decision = decide(table, config.optimizer, current, &simulator);
    CertifiedFile uplift{"results.h5", {}};
    if (in_place || !table.paths.empty() || has_refined_uplift(results)) {  // elsewhere too: the table is another one
        uplift.sha256 =
            rewrite_results(earlier.as_given, population, simulator, results, table, decision, input, outputs);
    } else {
        uplift.file = std::filesystem::absolute(folder / "results.h5").lexically_normal().string();
        uplift.sha256 = digest_file(folder / "results.h5").sha256;
    }
    write_plan_files(table, config.optimizer, decision, uplift, outputs);

    const Capabilities device = backend->capabilities();
    nlohmann::json record = run_record(earlier.as_given, "optimize", &device, started);
    for (const auto& [member, value] : earlier.record.items()) {
        if (!record.contains(member)) {  // what was read and fitted is as it was
            record[member] = value;
        }
    }
    record["plan"] = plan_record(decision);
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
