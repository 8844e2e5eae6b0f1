#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "plan_problem.hpp"
#include "price.hpp"

namespace clv::decisions {

namespace {

constexpr std::size_t window = 200;       // steps next to the split one, whose customers are the core
constexpr std::size_t all_in_core = 300;  // customers
constexpr std::size_t states_by_default = 200'000;
constexpr std::size_t states_if_exact = 40'000'000;

class SingleBudget {
  public:
    SingleBudget(const PlanProblem& problem, Wide budget) : problem_(problem), budget_(budget) {}
    [[nodiscard]] Solution solve();

  private:
    [[nodiscard]] KnapsackCore core_of(std::vector<std::uint32_t> customers, double most_regret) const;
    [[nodiscard]] std::vector<std::uint32_t> everybody() const {
        std::vector<std::uint32_t> customers(problem_.table.size());
        std::iota(customers.begin(), customers.end(), 0U);
        return customers;
    }
    /// Objective per unit of cost, in units of both.
    [[nodiscard]] double unit_price() const {
        return plan_.price * problem_.scales.profit.per_currency() / problem_.scales.cost.per_currency();
    }

    const PlanProblem& problem_;
    Wide budget_;
    PricedPlan plan_;
};

/// All that these customers could have instead, at regrets up to `most_regret` units.
KnapsackCore SingleBudget::core_of(std::vector<std::uint32_t> customers, double most_regret) const {
    const auto& [profit_scale, cost_scale] = problem_.scales;
    std::sort(customers.begin(), customers.end(),
              [&](std::uint32_t a, std::uint32_t b) { return problem_.before(a, b); });
    KnapsackCore core;
    core.rows = 1;
    const Wide room = budget_ - plan_.totals.cost;
    core.per_currency = profit_scale.per_currency();
    core.room = {std::min(room, KnapsackCore::unlimited)};
    const double price = unit_price();
    for (const std::uint32_t i : customers) {
        const std::size_t base = plan_.action[i];
        const Wide base_profit = profit_scale.units(problem_.objective(i, base));
        const Wide base_cost = cost_scale.units(problem_.cells.cost[base][i]);
        for (std::size_t a = 0; a < problem_.cells.actions(); ++a) {
            const double objective = problem_.objective(i, a);
            if (a == base || std::isnan(objective)) {
                continue;
            }
            const Wide profit = profit_scale.units(objective) - base_profit;
            const Wide cost = cost_scale.units(problem_.cells.cost[a][i]) - base_cost;
            const double regret = price * static_cast<double>(cost) - static_cast<double>(profit);
            if (regret <= most_regret) {
                core.deviations.push_back({i, static_cast<std::uint8_t>(a), profit, regret});
                core.use.push_back(cost);
            }
        }
    }
    return core;
}

Solution SingleBudget::solve() {
    constexpr double any_regret = std::numeric_limits<double>::infinity();
    const std::size_t customers = problem_.table.size();
    const CustomerOrder before = [this](std::uint32_t a, std::uint32_t b) { return problem_.before(a, b); };
    auto priced = price_budget(problem_.cells, problem_.scales, budget_, window, before);
    if (!priced) {
        Solution nothing;
        nothing.status = PlanStatus::infeasible;
        nothing.conflict = {0};
        return nothing;
    }
    plan_ = *std::move(priced);

    Solution solution;
    solution.prices = {plan_.price};
    const double room = plan_.price > 0.0 ? static_cast<double>(budget_ - plan_.totals.cost) : 0.0;
    const double relaxed = static_cast<double>(plan_.totals.profit) + unit_price() * room;  // units
    Wide gained = 0;
    bool is_proven = plan_.price == 0.0;
    if (!is_proven) {
        KnapsackCore core = core_of(customers <= all_in_core ? everybody() : std::move(plan_.close), any_regret);
        Deviations taken = *search_knapsack(core);
        if (customers <= all_in_core || problem_.settings.exact) {
            if (customers > all_in_core) {
                // every deviation that could be part of something better
                const double gap = unit_price() * room - static_cast<double>(gain_of(core, taken));
                KnapsackCore whole = core_of(everybody(), gap + rounding_of(core, std::array{unit_price()}));
                taken = translate(core, taken, whole);
                core = std::move(whole);
            }
            const ProvenDeviations proven = solve_knapsack(
                core, unit_price(), taken, problem_.settings.exact ? states_if_exact : states_by_default);
            taken = proven.best;
            is_proven = proven.is_proven;
        }
        gained = gain_of(core, taken);
        for (const std::size_t d : taken) {
            plan_.totals.cost += core.use[d];
            plan_.action[core.deviations[d].customer] = core.deviations[d].to;
        }
    }
    solution.status = is_proven ? PlanStatus::optimal : PlanStatus::bounded;
    const auto& scale = problem_.scales.profit;
    plan_.totals.profit += gained;
    solution.has_exact_units = problem_.has_exact_units;
    if (solution.has_exact_units) {
        solution.totals = plan_.totals;
    }
    const double profit = scale.money(plan_.totals.profit);
    // half a unit of rounding in every figure, where they are no whole numbers of units
    const double rounding = 0.5 * static_cast<double>(customers) *
                            (1.0 / scale.per_currency() + plan_.price / problem_.scales.cost.per_currency());
    solution.relaxed_bound = std::max(relaxed / scale.per_currency() + rounding, profit);
    solution.bound = is_proven ? profit : solution.relaxed_bound;
    solution.action = std::move(plan_.action);
    return solution;
}

}  // namespace

Solution solve_single_budget(const PlanProblem& problem) {
    const LimitRow& budget = problem.rows.front();
    return SingleBudget(problem, problem.scales.cost.most(*budget.max, budget.max_allowance)).solve();
}

}  // namespace clv::decisions
