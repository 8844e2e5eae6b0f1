#include "clv/planning/scenario_plans.hpp"

#include <optional>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/planning/simulation_run.hpp"
#include "clv/simulation/portfolio.hpp"
#include "clv/simulation/scenario_world.hpp"

namespace clv {

namespace {

/// The population in a scenario.
Population in_scenario(const Population& population, const SubscriptionColumns& columns, const Scenario& scenario) {
    Population changed = population;
    ScenarioWorld world = scenario_world(columns, population.plan, scenario);
    changed.columns = std::move(world.columns);
    changed.plan = std::move(world.plan);
    changed.plan.settings.cashflow = false;
    changed.plan.settings.target.reset();
    return changed;
}

}  // namespace

std::vector<ScenarioPlan> plan_scenarios(const Population& population, const OptimizerSettings& optimizer,
                                         const std::vector<std::uint8_t>& current, const Backend& backend,
                                         const OnScenarioPlan& on_plan, Progress& progress) {
    const auto* columns = std::get_if<SubscriptionColumns>(&population.columns);
    if (columns == nullptr) {
        throw ConfigError("scenarios are swept over customers with a contract: name input.customers");
    }
    Scenario base;
    base.name = base_scenario;
    std::vector<Scenario> scenarios{base};
    scenarios.insert(scenarios.end(), population.plan.scenarios.begin(), population.plan.scenarios.end());
    std::vector<ScenarioPlan> plans;
    std::optional<PathTotals> in_base;
    for (const Scenario& scenario : scenarios) {
        Population changed = in_scenario(population, *columns, scenario);
        NoFigures nobody;
        SimulationRun run = value_population(changed, backend, optimizer.customer_risk_weight > 0.0, nobody, progress);
        plan_population(changed, optimizer, current, backend, run, progress);
        on_plan(scenario.name, *run.uplift, *run.decision);
        PathTotals& chosen = run.totals.back().totals;
        if (!in_base) {
            in_base = chosen;
        }
        const auto differences =
            mean_differences(chosen, *in_base, !changed.customers.segments.empty(), changed.plan.settings);
        ScenarioPlan plan{scenario.name,
                          {},
                          {},
                          std::move(run.decision->plan),
                          run.decision->fresh->profit.mean,
                          run.decision->customers_with_added_paths};
        for (PortfolioRow& row : run.portfolio) {
            if (row.plan == "chosen") {
                const MeanAndSpread& difference = differences[plan.rows.size()];
                plan.rows.push_back({scenario.name, std::move(row), difference.mean, difference.se});
            } else {
                plan.months_without.push_back(row.months);
            }
        }
        plan.plan.action = {};  // written by now
        plans.push_back(std::move(plan));
    }
    return plans;
}

}  // namespace clv
