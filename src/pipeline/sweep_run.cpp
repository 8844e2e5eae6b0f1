#include "clv/pipeline/sweep_run.hpp"

#include <algorithm>
#include <span>

#include "clv/core/errors.hpp"
#include "clv/pipeline/portfolio.hpp"
#include "clv/risk/replicate_errors.hpp"
#include "scenario_tables.hpp"

namespace clv {

namespace {

/// Of all segments together, then of every segment: scenario minus base, path by path.
std::vector<MeanAndSpread> differences(const PathTotals& scenario, const PathTotals& base, bool replicated) {
    const auto moments = [&](std::span<const std::int64_t> units) {
        MeanAndSpread all = mean_and_spread(units, base.unit);
        all.se = replicated ? replicate_mean_error(units, base.unit) : all.se;
        return all;
    };
    const std::size_t paths = base.paths;
    std::vector<std::int64_t> portfolio(paths, 0);
    std::vector<std::int64_t> difference(paths);
    std::vector<MeanAndSpread> rows(1);
    for (std::size_t segment = 0; segment < base.segments; ++segment) {
        for (std::size_t path = 0; path < paths; ++path) {
            difference[path] = scenario.values[segment * paths + path] - base.values[segment * paths + path];
            portfolio[path] += difference[path];
        }
        rows.push_back(moments(difference));
    }
    rows[0] = moments(portfolio);
    return rows;
}

}  // namespace

SweepRun run_sweep(const Population& population, const Backend& backend, Progress& progress) {
    const auto* columns = std::get_if<PathColumns>(&population.columns);
    if (columns == nullptr) {
        throw ConfigError("scenarios are swept over customers with a contract: name input.customers");
    }
    const std::vector<std::string>& segments = population.customers.segments;
    SimulationPlan plan = population.plan;
    plan.actions.clear();
    plan.eligible.clear();
    plan.settings.cashflow = false;
    plan.settings.target.reset();  // totals have the same paths of everybody
    NoFigures nobody;
    const RunTotals totals = backend.run(*columns, plan, nobody, progress);

    SweepRun sweep;
    sweep.segments.emplace_back(portfolio_name);
    sweep.segments.insert(sweep.segments.end(), segments.begin(), segments.end());
    const auto add = [&](const Scenario& scenario, const PathTotals& of_scenario) {
        sweep.scenarios.push_back(scenario);
        const auto figures = portfolio_rows(of_scenario, population.customers, plan.settings, "none");
        const auto to_base = differences(of_scenario, totals.totals, plan.settings.has_replicates());
        for (std::size_t segment = 0; segment < figures.size(); ++segment) {
            sweep.rows.push_back({scenario.name, figures[segment], to_base[segment].mean, to_base[segment].se});
        }
        sweep.path_totals.push_back(totals_in_currency(of_scenario, !segments.empty()));
    };
    Scenario base;
    base.name = base_scenario;
    add(base, totals.totals);
    for (std::size_t s = 0; s < plan.scenarios.size(); ++s) {
        add(plan.scenarios[s], totals.scenarios[s]);
    }
    return sweep;
}

}  // namespace clv
