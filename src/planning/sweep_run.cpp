#include "clv/planning/sweep_run.hpp"

#include "clv/core/errors.hpp"
#include "clv/simulation/portfolio.hpp"

namespace clv {

SweepRun run_sweep(const Population& population, const Backend& backend, Progress& progress) {
    const auto* columns = std::get_if<SubscriptionColumns>(&population.columns);
    if (columns == nullptr) {
        throw ConfigError("scenarios are swept over customers with a contract: name input.customers");
    }
    const bool has_segments = !population.customers.segments.empty();
    SimulationPlan plan = population.plan;
    plan.actions.clear();
    plan.eligible.clear();
    plan.settings.cashflow = false;
    plan.settings.target.reset();  // totals have the same paths of everybody
    NoFigures nobody;
    const RunTotals totals = backend.run(*columns, plan, nobody, progress);

    SweepRun sweep;
    sweep.segments = row_names(population.customers);
    const auto add = [&](const Scenario& scenario, const PathTotals& of_scenario) {
        sweep.scenarios.push_back(scenario);
        const auto figures = portfolio_rows(of_scenario, population.customers, plan.settings, "none");
        const auto to_base = mean_differences(of_scenario, totals.totals, has_segments, plan.settings);
        for (std::size_t segment = 0; segment < figures.size(); ++segment) {
            sweep.rows.push_back({scenario.name, figures[segment], to_base[segment].mean, to_base[segment].se});
        }
        sweep.path_totals.push_back(totals_in_currency(of_scenario, has_segments));
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
