#include "clv/pipeline/simulation_run.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <variant>

#include "clv/pipeline/portfolio.hpp"
#include "clv/risk/replicate_errors.hpp"

namespace clv {

namespace {

/// Mean profit of a whole plan over the paths of an assignment run.
Estimate profit_of(const PathTotals& difference, const SimulationSettings& settings) {
    std::vector<std::int64_t> units(difference.paths, 0);
    for (std::size_t i = 0; i < difference.values.size(); ++i) {
        units[i % difference.paths] += difference.values[i];
    }
    const MeanAndSpread profit = mean_and_spread(units, difference.unit);
    constexpr double normal_97_5 = 1.959963984540054;
    const bool replicated = settings.has_replicates();
    const double se = replicated ? replicate_mean_error(units, difference.unit) : profit.se;
    const double half_width = (replicated ? replicate_t_97_5 : normal_97_5) * se;
    return {"expected_profit",
            "currency",
            profit.mean,
            se,
            profit.mean - half_width,
            profit.mean + half_width,
            replicated ? "mean over fresh paths, 95% Student t interval of 16 replicates"
                       : "mean over fresh paths, 95% normal interval"};
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

/// Hands figures on, and keeps what the uplift table, if there is to be one, needs of them.
class WithUplift final : public CustomerSink {
  public:
    WithUplift(CustomerSink& figures, std::optional<UpliftTableBuilder>& uplift) : figures_(figures), uplift_(uplift) {}
    void take(std::size_t first, const CustomerFigures& batch) override {
        figures_.take(first, batch);
        if (uplift_) {
            uplift_->take(first, batch);
        }
    }

  private:
    CustomerSink& figures_;
    std::optional<UpliftTableBuilder>& uplift_;
};

RunTotals simulate_on(const Backend& backend, const LawColumns& columns, const SimulationPlan& plan,
                      CustomerSink& figures, Progress& progress) {
    return std::visit([&](const auto& of_law) { return backend.run(of_law, plan, figures, progress); }, columns);
}

}  // namespace

std::vector<std::string> plan_names(const SimulationPlan& plan, bool make_plan) {
    std::vector<std::string> names{"none"};
    if (make_plan && !plan.actions.empty()) {
        names.emplace_back("chosen");
    }
    return names;
}

SimulationRun run_simulation(const Population& population, const OptimizerSettings& optimizer, const Backend& backend,
                             bool make_plan, CustomerSink& figures, Progress& progress) {
    const SimulationPlan& plan = population.plan;
    SimulationRun run;
    std::optional<UpliftTableBuilder> uplift;
    if (!plan.actions.empty()) {
        uplift.emplace(population.customers.customer_id, plan);
    }
    WithUplift sink(figures, uplift);
    RunTotals totals = simulate_on(backend, population.columns, plan, sink, progress);
    run.portfolio = portfolio_rows(totals.totals, population.customers, plan.settings, "none");
    run.cashflow = cashflow_rows(totals.cashflow, population.customers, plan.settings);
    totals.cashflow = {};
    run.totals.push_back({"none", std::move(totals.totals)});
    if (plan.settings.attribution) {
        NamedProgress again(progress, "simulating the sources");
        run.sources = attribute_variance(backend, std::get<RetailColumns>(population.columns), plan, again);
    }
    if (!uplift) {
        return run;
    }
    run.uplift = std::move(*uplift).finish();
    if (!make_plan) {
        return run;
    }

    PlannedActions decision;
    decision.plan = plan_actions(*run.uplift, optimizer);
    SimulationPlan chosen = plan;
    chosen.assignment = decision.plan.action;
    NoFigures none;
    NamedProgress on_same_paths(progress, "simulating the plan");
    PathTotals with_plan = add_totals(run.totals.front().totals,
                                      simulate_on(backend, population.columns, chosen, none, on_same_paths).totals);
    std::ranges::move(portfolio_rows(with_plan, population.customers, plan.settings, "chosen"),
                      std::back_inserter(run.portfolio));
    run.totals.push_back({"chosen", std::move(with_plan)});

    chosen.first_path = plan.first_path + static_cast<std::uint64_t>(plan.settings.paths);
    NamedProgress on_fresh_paths(progress, "simulating the plan on fresh paths");
    decision.fresh_profit =
        profit_of(simulate_on(backend, population.columns, chosen, none, on_fresh_paths).totals, plan.settings);
    run.decision = std::move(decision);
    return run;
}

}  // namespace clv
