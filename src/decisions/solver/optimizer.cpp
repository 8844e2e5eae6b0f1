#include "clv/decisions/solver/optimizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "clv/core/errors.hpp"
#include "clv/core/instruction_clones.hpp"
#include "plan_problem.hpp"

namespace clv {

using namespace decisions;

namespace {

constexpr std::size_t most_actions = 256;  // an action is a byte in an assignment
constexpr double largest_amount = 1.0e20;

/// The largest of |money| where `open` is a number; infinity where one of those is not.
CLV_CLONES double largest_of(const double* money, const double* open, std::size_t count) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double largest = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
        double amount = std::abs(money[i]);
        amount = amount <= largest_amount ? amount : infinity;  // and for NaN
        amount = open[i] == open[i] ? amount : 0.0;
        largest = amount > largest ? amount : largest;
    }
    return largest;
}

void check_shape(const UpliftTable& table) {
    const std::size_t cells = table.size() * table.actions.size();
    const auto is_matrix = [&](const std::vector<double>& figures) { return figures.size() == cells; };
    if (table.actions.empty() || table.actions.size() > most_actions || !is_matrix(table.expected_profit) ||
        !is_matrix(table.cost) || !(table.objective.empty() || is_matrix(table.objective)) ||
        !std::ranges::all_of(table.further_costs, [&](const CostColumn& cost) { return is_matrix(cost.values); }) ||
        !(table.segment.empty() || table.segment.size() == table.size())) {
        throw InputError(fmt::format(
            "an uplift table of {} customers and {} actions with {} profits and {} costs (uplift): give one of each "
            "per customer and action, and at most {} actions",
            table.size(), table.actions.size(), table.expected_profit.size(), table.cost.size(), most_actions));
    }
}

/// The largest amount of a matrix. Throws InputError for what is no amount.
double check_amounts(const UpliftTable& table, const std::vector<double>& figures, const std::string& name) {
    double largest = 1.0;
    for (std::size_t a = 0; a < table.actions.size(); ++a) {
        const std::size_t first = table.cell(0, a);
        largest = std::max(largest, largest_of(&figures[first], &table.expected_profit[first], table.size()));
    }
    if (std::isinf(largest)) {
        for (std::size_t cell = 0; cell < figures.size(); ++cell) {
            if (!std::isnan(table.expected_profit[cell]) && !(std::abs(figures[cell]) <= largest_amount)) {
                throw InputError(fmt::format("{} is {} (uplift, customer {}, action {}): give a number of at most {:g}",
                                             name, figures[cell], table.customer_id[cell % table.size()],
                                             table.actions[cell / table.size()], largest_amount));
            }
        }
    }
    return largest;
}

/// Everybody must have a choice. Doing nothing is nearly always one.
void check_choices(const UpliftTable& table) {
    for (std::size_t i = 0; i < table.size(); ++i) {
        bool has_choice = false;
        for (std::size_t a = 0; a < table.actions.size() && !has_choice; ++a) {
            has_choice = table.is_open(i, a);
        }
        if (!has_choice) {
            throw InputError(
                fmt::format("no action is open (uplift, customer {}), nor is doing nothing: give the "
                            "customer a row, or leave optimizer.require_choice out",
                            table.customer_id[i]));
        }
    }
}

/// Everybody's best choice; ties go to the cheaper action.
Solution solve_without_limits(const PlanProblem& problem) {
    Solution solution;
    solution.status = PlanStatus::optimal;
    solution.action.resize(problem.table.size());
    Wide profit = 0;
    for (std::uint32_t i = 0; i < problem.table.size(); ++i) {
        std::size_t best = problem.cells.actions();
        for (std::size_t a = 0; a < problem.cells.actions(); ++a) {
            const double objective = problem.objective(i, a);
            if (std::isnan(objective)) {
                continue;
            }
            if (best == problem.cells.actions() || objective > problem.objective(i, best) ||
                (objective == problem.objective(i, best) && problem.cells.cost[a][i] < problem.cells.cost[best][i])) {
                best = a;
            }
        }
        solution.action[i] = static_cast<std::uint8_t>(best);
        profit += problem.scales.profit.units(problem.objective(i, best));
    }
    solution.bound = problem.scales.profit.money(profit);
    solution.relaxed_bound = solution.bound;
    return solution;
}

/// Sums of a plan over all customers, each in exact units.
class PlanSums {
  public:
    PlanSums(const UpliftTable& table, std::span<const std::uint8_t> action) : table_(table), action_(action) {}

    [[nodiscard]] double of(const std::vector<double>& figures, const MoneyScale& scale) const {
        Wide sum = 0;
        for (std::size_t i = 0; i < action_.size(); ++i) {
            sum += scale.units(figures[table_.cell(i, action_[i])]);
        }
        return scale.money(sum);
    }
    [[nodiscard]] double of(const LimitColumn& column) const {
        double largest = 1.0;
        for (std::size_t i = 0; i < action_.size(); ++i) {
            largest = std::max(largest, std::abs(column.weight(table_, i, action_[i])));
        }
        const MoneyScale scale(largest);
        Wide sum = 0;
        for (std::size_t i = 0; i < action_.size(); ++i) {
            sum += scale.units(column.weight(table_, i, action_[i]));
        }
        return scale.money(sum);
    }

  private:
    const UpliftTable& table_;
    std::span<const std::uint8_t> action_;
};

ActionPlan finish(const PlanProblem& problem, Solution solution) {
    const UpliftTable& table = problem.table;
    ActionPlan plan;
    plan.status = solution.status;
    plan.budget = problem.settings.budget;
    for (const LimitRow& row : problem.rows) {
        plan.limits.push_back({row.name, 0.0, row.min, row.max, 0.0, {}});
        plan.limits.back().as_set.name = row.name;
    }
    const std::size_t first = plan.budget ? 1 : 0;
    for (std::size_t k = 0; k < problem.settings.limits.size(); ++k) {
        plan.limits[first + k].as_set = problem.settings.limits[k];
    }
    for (const std::size_t r : solution.conflict) {
        plan.conflict.push_back(problem.rows[r].name);
    }
    if (plan.status == PlanStatus::infeasible) {
        return plan;
    }
    plan.action = std::move(solution.action);
    plan.invested =
        plan.action.size() - static_cast<std::size_t>(std::count(plan.action.begin(), plan.action.end(), 0));
    const PlanSums sums(table, plan.action);
    const Scales& scales = problem.scales;
    plan.cost = solution.totals ? scales.cost.money(solution.totals->cost) : sums.of(table.cost, scales.cost);
    plan.objective =
        solution.totals ? scales.profit.money(solution.totals->profit) : sums.of(table.maximised(), scales.profit);
    plan.expected_profit =
        table.objective.empty() ? plan.objective : sums.of(table.expected_profit, MoneyScale(problem.largest_profit));
    for (std::size_t r = 0; r < problem.rows.size(); ++r) {
        const bool is_budget = r == 0 && plan.budget;
        plan.limits[r].used = is_budget ? plan.cost : sums.of(problem.rows[r].column);
    }
    for (std::size_t j = 0; j < problem.sides.size(); ++j) {
        plan.limits[problem.sides[j].row].multiplier += problem.sides[j].sign * solution.prices[j];
    }
    plan.relaxed_bound = std::max(solution.relaxed_bound, plan.objective);
    plan.upper_bound = std::max(solution.bound, plan.objective);
    const double magnitude = std::abs(plan.upper_bound);
    plan.relative_gap = magnitude > 0.0 ? (plan.upper_bound - plan.objective) / magnitude : 0.0;
    return plan;
}

}  // namespace

ActionPlanner::ActionPlanner(const UpliftTable& table) : table_(table), prepared_(std::make_unique<Prepared>()) {
    check_shape(table);
    if (table.size() == 0) {
        return;
    }
    check_choices(table);
    const std::vector<double>& maximised = table.maximised();
    prepared_->largest_profit = check_amounts(table, table.expected_profit, "expected_profit");
    prepared_->largest_objective =
        table.objective.empty() ? prepared_->largest_profit : check_amounts(table, table.objective, "the objective");
    prepared_->largest_cost = check_amounts(table, table.cost, "cost");
    prepared_->scales = {MoneyScale(prepared_->largest_objective), MoneyScale(prepared_->largest_cost)};
    for (const CostColumn& cost : table.further_costs) {
        check_amounts(table, cost.values, "cost_" + cost.name);
    }
    prepared_->cells.customers = table.size();
    for (std::size_t a = 0; a < table.actions.size(); ++a) {
        prepared_->cells.profit.push_back(&maximised[table.cell(0, a)]);
        prepared_->cells.cost.push_back(&table.cost[table.cell(0, a)]);
    }
}

ActionPlanner::~ActionPlanner() = default;

ActionPlan ActionPlanner::plan(const OptimizerSettings& settings) const {
    if (settings.budget && !(*settings.budget >= 0.0 && std::isfinite(*settings.budget))) {
        throw ConfigError(
            fmt::format("a budget of {} (optimizer.budget): give an amount of at least 0, or leave it out for no cap",
                        *settings.budget));
    }
    PlanProblem problem{
        table_, settings, prepared_->cells, prepared_->scales, prepared_->largest_profit, limit_rows(table_, settings),
        {}};
    problem.sides = limit_sides(problem.rows);
    if (problem.sides.empty()) {
        return finish(problem, solve_without_limits(problem));
    }
    return finish(problem,
                  problem.rows.size() == 1 && settings.budget ? solve_single_budget(problem) : solve_limits(problem));
}

ActionPlan plan_actions(const UpliftTable& table, const OptimizerSettings& settings) {
    return ActionPlanner(table).plan(settings);
}

}  // namespace clv
