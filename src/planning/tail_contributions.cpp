#include "clv/planning/tail_contributions.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "clv/planning/plan_simulator.hpp"
#include "clv/simulation/portfolio.hpp"
#include "named_progress.hpp"

namespace clv {

namespace {

/// Keeps the means without any action.
class Means final : public CustomerSink {
  public:
    void take(std::size_t /*first*/, const CustomerFigures& batch) override {
        const std::vector<double>& mean = batch.actions.front().mean;
        values.insert(values.end(), mean.begin(), mean.end());
    }
    std::vector<double> values;
};

}  // namespace

std::vector<double> tail_path_weights(const std::vector<double>& totals, const DecimalLevel& level) {
    std::vector<std::size_t> order(totals.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t path) { return totals[path]; });
    const std::uint64_t whole = level.whole(totals.size());
    const double size = static_cast<double>(whole) + level.fraction(totals.size());
    std::vector<double> weights(totals.size(), 0.0);
    for (std::uint64_t k = 0; k < whole; ++k) {
        weights[order[k]] = 1.0 / size;
    }
    if (whole < order.size()) {
        weights[order[whole]] = level.fraction(totals.size()) / size;
    }
    return weights;
}

std::vector<double> cvar_contributions(const Population& population, const PathTotals* totals, const Backend& backend,
                                       Progress& progress) {
    SimulationPlan plan = population.plan;
    plan.eligible.assign(population.customers.size(), 0);  // rather than no actions: they have a say in the unit
    plan.settings.target.reset();
    plan.settings.cashflow = false;
    plan.settings.attribution = false;
    plan.settings.uplift_distribution = false;
    plan.moments_only = true;
    NamedProgress stage(progress, "finding who carries the risk");
    PathTotals own;
    if (totals == nullptr) {
        NoFigures none;
        own = simulate_on(backend, population.columns, plan, none, stage).totals;
        totals = &own;
    }
    plan.path_weights = tail_path_weights(portfolio_in_currency(*totals), DecimalLevel(plan.settings.cvar_level));
    Means means;
    static_cast<void>(simulate_on(backend, population.columns, plan, means, stage));
    for (std::size_t i = 0; i < means.values.size(); ++i) {
        if (population.customers.is_apart(i)) {
            means.values[i] = std::numeric_limits<double>::quiet_NaN();
        }
    }
    return std::move(means.values);
}

}  // namespace clv
