#include "clv/planning/simulation_run.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "clv/planning/added_paths.hpp"
#include "clv/simulation/portfolio.hpp"
#include "named_progress.hpp"

namespace clv {

namespace {

/// Hands figures on, and keeps the lifetimes and what the uplift table, if there is to be one, needs of them.
class WithUplift final : public CustomerSink {
  public:
    WithUplift(CustomerSink& figures, std::optional<UpliftTableBuilder>& uplift) : figures_(figures), uplift_(uplift) {}
    void take(std::size_t first, const CustomerFigures& batch) override {
        figures_.take(first, batch);
        lifetime_months.insert(lifetime_months.end(), batch.expected_lifetime_months.begin(),
                               batch.expected_lifetime_months.end());
        if (uplift_) {
            uplift_->take(first, batch);
        }
    }

    std::vector<double> lifetime_months;  ///< [customer]

  private:
    CustomerSink& figures_;
    std::optional<UpliftTableBuilder>& uplift_;
};

}  // namespace

std::vector<std::string> plan_names(const SimulationPlan& plan, bool make_plan) {
    std::vector<std::string> names{"none"};
    if (make_plan && !plan.actions.empty()) {
        names.emplace_back("chosen");
    }
    return names;
}

std::vector<std::string> action_names(const SimulationPlan& plan) {
    std::vector<std::string> names{"none"};
    for (const Action& action : plan.actions) {
        names.push_back(action.name);
    }
    return names;
}

SimulationRun value_population(const Population& population, const Backend& backend, bool with_customer_cvar,
                               CustomerSink& figures, Progress& progress) {
    const SimulationPlan& plan = population.plan;
    SimulationRun run;
    std::optional<UpliftTableBuilder> uplift;
    if (!plan.actions.empty()) {
        uplift.emplace(population.customers.customer_id, plan, with_customer_cvar);
    }
    WithUplift sink(figures, uplift);
    sink.lifetime_months.reserve(population.customers.size());
    RunTotals totals = simulate_on(backend, population.columns, plan, sink, progress);
    add_none(population, std::move(totals.totals), sink.lifetime_months, run);
    run.cashflow = cashflow_rows(totals.cashflow, population.customers, plan.settings);
    totals.cashflow = {};
    if (plan.settings.attribution) {
        NamedProgress again(progress, "simulating the sources");
        run.sources = attribute_variance(backend, std::get<RetailColumns>(population.columns), plan, again);
    }
    if (uplift) {
        run.uplift = std::move(*uplift).finish();
        run.uplift->lifetime_months = std::move(sink.lifetime_months);
        run.uplift->segment = population.customers.segment;
        run.uplift->segments = population.customers.segments;
        if (population.customers.churned_apart) {
            run.uplift->churned = population.customers.churned;
        }
    }
    return run;
}

void plan_population(Population& population, const OptimizerSettings& optimizer,
                     const std::vector<std::uint8_t>& current, const Backend& backend, SimulationRun& run,
                     Progress& progress) {
    const PlanSimulator simulator(population, backend, progress,
                                  run.totals.empty() ? nullptr : &run.totals.front().totals);
    add_paths(*run.uplift, optimizer, current, simulator);
    run.decision = decide(*run.uplift, optimizer, current, &simulator);
    if (!run.totals.empty()) {
        add_chosen(population, *run.uplift, *run.decision, run);
    }
}

void add_totals_without_actions(Population& population, const Backend& backend, SimulationRun& run,
                                Progress& progress) {
    const PlanSimulator simulator(population, backend, progress);
    add_none(population, simulator.without_actions("simulating without actions"), run.uplift->lifetime_months, run);
    add_chosen(population, *run.uplift, *run.decision, run);
}

void add_none(const Population& population, PathTotals totals, std::span<const double> lifetime_months,
              SimulationRun& run) {
    run.portfolio = portfolio_rows(totals, population.customers, population.plan.settings, "none", lifetime_months);
    run.totals.push_back({"none", std::move(totals)});
}

void add_chosen(const Population& population, const UpliftTable& table, const PlannedActions& decision,
                SimulationRun& run) {
    PathTotals with_plan = add_totals(run.totals.front().totals, decision.same_paths);
    std::ranges::move(portfolio_rows(with_plan, population.customers, population.plan.settings, "chosen",
                                     months_under(table, decision.plan.action)),
                      std::back_inserter(run.portfolio));
    run.totals.push_back({"chosen", std::move(with_plan)});
}

}  // namespace clv
