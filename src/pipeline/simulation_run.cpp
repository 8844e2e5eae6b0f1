#include "clv/pipeline/simulation_run.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "clv/pipeline/portfolio.hpp"
#include "clv/risk/fixed_point.hpp"

namespace clv {

namespace {

/// Mean profit of a whole plan over the paths of an assignment run.
Estimate profit_of(const PathTotals& difference) {
    std::vector<std::int64_t> units(difference.paths, 0);
    for (std::size_t i = 0; i < difference.values.size(); ++i) {
        units[i % difference.paths] += difference.values[i];
    }
    const MeanAndSpread profit = mean_and_spread(units, difference.unit);
    constexpr double normal_quantile = 1.959963984540054;
    return {"expected_profit",
            "currency",
            profit.mean,
            profit.se,
            profit.mean - normal_quantile * profit.se,
            profit.mean + normal_quantile * profit.se,
            "mean over fresh paths, 95% normal interval"};
}

/// Passes progress on under a name of its own: a run simulates three times.
class NamedProgress final : public Progress {
  public:
    NamedProgress(Progress& progress, std::string_view stage) : progress_(progress), stage_(stage) {}
    void begin(std::string_view /*stage*/, std::uint64_t total) override { progress_.begin(stage_, total); }
    void advance(std::uint64_t units) override { progress_.advance(units); }
    void end() override { progress_.end(); }

  private:
    Progress& progress_;
    std::string_view stage_;
};

}  // namespace

SimulationRun run_simulation(const Population& population, const OptimizerSettings& optimizer, const Backend& backend,
                             bool make_plan, Progress& progress) {
    const SimulationPlan& plan = population.plan;
    const bool has_segments = !population.columns.segments.empty();
    SimulationRun run;
    run.result = backend.run(population.columns, plan, progress);
    run.portfolio = portfolio_rows(run.result.totals, population.columns, plan.settings, "none");
    run.totals.push_back({"none", totals_in_currency(run.result.totals, has_segments)});
    run.cashflow = cashflow_rows(run.result.cashflow, population.columns, plan.settings);
    if (plan.actions.empty()) {
        return run;
    }
    run.uplift = make_uplift_table(population.customers.customer_id, plan, run.result);
    if (!make_plan) {
        return run;
    }

    PlannedActions decision;
    decision.plan = plan_actions(*run.uplift, optimizer);
    SimulationPlan chosen = plan;
    chosen.assignment = decision.plan.action;
    NamedProgress on_same_paths(progress, "simulating the plan");
    const SimulationResult in_sample = backend.run(population.columns, chosen, on_same_paths);
    const PathTotals totals = add_totals(run.result.totals, in_sample.totals);
    std::ranges::move(portfolio_rows(totals, population.columns, plan.settings, "chosen"),
                      std::back_inserter(run.portfolio));
    run.totals.push_back({"chosen", totals_in_currency(totals, has_segments)});

    chosen.first_path = plan.first_path + static_cast<std::uint64_t>(plan.settings.paths);
    NamedProgress on_fresh_paths(progress, "simulating the plan on fresh paths");
    decision.fresh_profit = profit_of(backend.run(population.columns, chosen, on_fresh_paths).totals);
    run.decision = std::move(decision);
    return run;
}

}  // namespace clv
