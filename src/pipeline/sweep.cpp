// `clv sweep`: the run as it is and its scenarios, side by side.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clv/core/errors.hpp"
#include "clv/output/documents/certificate_file.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/hdf5/sweep_writer.hpp"
#include "clv/output/output_set.hpp"
#include "clv/pipeline/backends.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/pipeline/current_policy.hpp"
#include "clv/planning/scenario_plans.hpp"
#include "clv/planning/simulation_run.hpp"
#include "clv/planning/sweep_run.hpp"
#include "clv/steps/prepare_population.hpp"
#include "clv/terminal/run_tables.hpp"
#include "pipeline/steps/command_run.hpp"

namespace clv::commands {

namespace {

/// Scenario by scenario: without any action, then under the plan for the scenario.
std::vector<ScenarioRow> rows_of(const SweepRun& sweep, const std::vector<ScenarioPlan>& plans) {
    std::vector<ScenarioRow> rows;
    const std::size_t segments = sweep.segments.size();
    for (std::size_t s = 0; s < sweep.scenarios.size(); ++s) {
        const auto first = sweep.rows.begin() + static_cast<std::ptrdiff_t>(s * segments);
        rows.insert(rows.end(), first, first + static_cast<std::ptrdiff_t>(segments));
        if (!plans.empty()) {
            for (std::size_t segment = 0; segment < segments; ++segment) {
                rows[rows.size() - segments + segment].figures.months = plans[s].months_without.at(segment);
            }
            rows.insert(rows.end(), plans[s].rows.begin(), plans[s].rows.end());
        }
    }
    return rows;
}

}  // namespace

int sweep(const RunConfig& config, Terminal& terminal) {
    if (config.scenarios.empty()) {
        throw ConfigError(
            "no scenario is named: add a table [[scenarios]] to the configuration, or "
            "--set 'scenarios=[{name=\"recession\", hazard_multiplier=1.3}]'");
    }
    ExecutionSettings execution = config.execution;
    if (execution.backend == "auto") {
        execution.backend = "cpu";  // the only one that makes all scenarios in one pass
    }
    SimulationSettings for_totals = config.simulation;
    for_totals.target.reset();
    const std::unique_ptr<Backend> backend = choose_backend(execution, for_totals);
    require_input(config);
    require_plannable(config);
    CommandRun run(config, "sweep", {"sweep"});
    OutputSet& outputs = run.outputs();
    Population population = prepare_population(population_settings(config), outputs, terminal);
    population.plan.scenarios = config.scenarios;
    const SimulationSettings& settings = config.simulation;
    for (const std::string& warning : questioned_rates({}, config.scenarios)) {
        terminal.warning(warning);
    }
    const bool market_moves = config.market.revenue_volatility != 0.0 || config.market.hazard_sensitivity != 0.0;
    if (!market_moves &&
        std::ranges::any_of(config.scenarios, [](const Scenario& s) { return s.market_shift != 0.0; })) {
        terminal.warning(
            "market_shift changes nothing: market.revenue_volatility and market.hazard_sensitivity are both 0");
    }
    const Capabilities device = backend->capabilities();
    terminal.message(
        fmt::format("simulating {} customers x {} paths x {} months, {} scenario{} besides base on {} ({})",
                    with_thousands(static_cast<std::int64_t>(population.customers.size())),
                    with_thousands(settings.paths), settings.horizon_months, config.scenarios.size(),
                    config.scenarios.size() == 1 ? "" : "s", device.name, device.description));

    std::vector<std::uint8_t> current;
    if (!config.actions.empty()) {  // what would stop the plans stops the sweep before it begins
        const std::vector<std::string> actions = action_names(population.plan);
        check_request(config.optimizer, settings, actions, population.customers.segments);
        current = current_policy(config.optimizer.current, population.customers.customer_id, actions, terminal);
    }
    const SweepRun sweep = run_sweep(population, *backend, terminal);
    std::vector<ScenarioPlan> plans;
    if (!config.actions.empty()) {
        ScenarioPlansCsv csv(outputs.path("sweep_plan.csv"), outputs.path("sweep_frontier.csv"));
        plans = plan_scenarios(
            population, config.optimizer, current, *backend,
            [&](const std::string& scenario, const UpliftTable& uplift, const PlannedActions& decision) {
                csv.append(scenario, decision.adjusted ? *decision.adjusted : uplift, decision.plan,
                           frontier_rows(decision.frontier));
            },
            terminal);
        csv.close();
    }
    write_sweep_csv(outputs.path("sweep.csv"), settings, rows_of(sweep, plans));
    const std::string input = input_hash(config.input, config.survival, population.customers.content_hash);
    write_sweep_h5(outputs.path("results.h5"), run.origin(input),
                   {settings, sweep.segments, sweep.scenarios, sweep.rows, sweep.path_totals});

    RunRecord record = run.record(&device);
    record.input = run_input(population.report, input);
    std::vector<PortfolioRow> base;
    for (const ScenarioRow& row : std::span(sweep.rows).first(sweep.segments.size())) {
        base.push_back(row.figures);
    }
    add_population(record, population, base);
    if (!plans.empty()) {
        record.plans = scenario_plans_record(plans);
    }
    // Before the commit: where the results cannot be shown, there are no new ones either.
    print_sweep(settings, sweep, plans, terminal);
    outputs.commit(record);
    say_written(outputs, run.started(), terminal);
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
