#include "clv/pipeline/scenario_plans.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/pipeline/portfolio.hpp"
#include "clv/pipeline/simulation_run.hpp"
#include "clv/risk/replicate_errors.hpp"
#include "clv/simulation/scenario_world.hpp"
#include "scenario_tables.hpp"

namespace clv {

namespace {

/// Of all segments together, then of every segment: mean of a - b, path by path. Their units may differ.
std::vector<MeanAndSpread> mean_differences(const PathTotals& a, const PathTotals& b,
                                            const SimulationSettings& settings) {
    const double unit = std::max(a.unit, b.unit);  // powers of two: the coarser loses what no sum would show
    std::vector<std::int64_t> portfolio(a.paths, 0);
    std::vector<std::int64_t> difference(a.paths);
    std::vector<MeanAndSpread> means(1);
    const auto mean = [&](std::span<const std::int64_t> units) {
        MeanAndSpread all = mean_and_spread(units, unit);
        all.se = settings.has_replicates() ? replicate_mean_error(units, unit) : all.se;
        return all;
    };
    for (std::size_t segment = 0; segment < a.segments; ++segment) {
        for (std::size_t path = 0; path < a.paths; ++path) {
            const std::size_t k = segment * a.paths + path;
            const double money = static_cast<double>(a.values[k]) * a.unit - static_cast<double>(b.values[k]) * b.unit;
            difference[path] = std::llround(money / unit);
            portfolio[path] += difference[path];
        }
        means.push_back(mean(difference));
    }
    means[0] = mean(portfolio);
    return means;
}

/// The population in a scenario.
Population in_scenario(const Population& population, const PathColumns& columns, const Scenario& scenario) {
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
    const auto* columns = std::get_if<PathColumns>(&population.columns);
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
        SimulationRun run = run_simulation(changed, optimizer, current, backend, true, nobody, progress);
        on_plan(scenario.name, *run.uplift, *run.decision);
        PathTotals& chosen = run.totals.back().totals;
        if (!in_base) {
            in_base = chosen;
        }
        const auto differences = mean_differences(chosen, *in_base, changed.plan.settings);
        ScenarioPlan plan{scenario.name, {}, std::move(run.decision->plan), run.decision->fresh->profit.mean};
        for (PortfolioRow& row : run.portfolio) {
            if (row.plan == "chosen") {
                const MeanAndSpread& difference = differences[plan.rows.size()];
                plan.rows.push_back({scenario.name, std::move(row), difference.mean, difference.se});
            }
        }
        plan.plan.action = {};  // written by now
        plans.push_back(std::move(plan));
    }
    return plans;
}

}  // namespace clv
