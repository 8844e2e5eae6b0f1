#include "clv/decisions/solver/optimizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "clv/core/errors.hpp"
#include "clv/core/instruction_clones.hpp"
#include "clv/risk/fixed_point.hpp"
#include "plan_problem.hpp"

namespace clv {

using namespace decisions;

namespace {

constexpr std::size_t most_actions = 256;  // an action is a byte in an assignment
constexpr double largest_amount = 1.0e20;

/// Of the money where `open` is a number; a largest of infinity where one of those is not.
CLV_CLONES void range_of(const double* money, const double* open, std::size_t count, AmountRange& range) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double largest = range.largest;
    double smallest = range.smallest;
    for (std::size_t i = 0; i < count; ++i) {
        double amount = std::abs(money[i]);
        amount = amount <= largest_amount ? amount : infinity;  // and for NaN
        amount = open[i] == open[i] ? amount : 0.0;
        largest = amount > largest ? amount : largest;
        const double magnitude = amount > 0.0 ? amount : infinity;
        smallest = magnitude < smallest ? magnitude : smallest;
    }
    range = {largest, smallest};
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

/// Throws InputError for what is no amount.
AmountRange check_amounts(const UpliftTable& table, const std::vector<double>& figures, const std::string& name) {
    AmountRange range;
    range.smallest = std::numeric_limits<double>::infinity();
    for (std::size_t a = 0; a < table.actions.size(); ++a) {
        const std::size_t first = table.cell(0, a);
        range_of(&figures[first], &table.expected_profit[first], table.size(), range);
    }
    if (std::isinf(range.largest)) {
        for (std::size_t cell = 0; cell < figures.size(); ++cell) {
            if (!std::isnan(table.expected_profit[cell]) && !(std::abs(figures[cell]) <= largest_amount)) {
                throw InputError(fmt::format("{} is {} (uplift, customer {}, action {}): give a number of at most {:g}",
                                             name, figures[cell], table.customer_id[cell % table.size()],
                                             table.actions[cell / table.size()], largest_amount));
            }
        }
    }
    return range;
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
    }
    solution.bound = -std::numeric_limits<double>::infinity();  // what is proven has no bound above itself
    solution.relaxed_bound = solution.bound;
    return solution;
}

/// The exact sum of amount(customer), rounded once.
template <class AmountOf>
double exact_sum(std::size_t customers, const AmountOf& amount) {
    double largest = 0.0;
    double smallest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < customers; ++i) {
        const double magnitude = std::abs(amount(i));
        largest = std::max(largest, magnitude);
        smallest = magnitude > 0.0 ? std::min(smallest, magnitude) : smallest;
    }
    const MoneyScale scale(largest);
    if (scale.holds(smallest)) {
        Wide sum = 0;
        for (std::size_t i = 0; i < customers; ++i) {
            sum += scale.units(amount(i));
        }
        return scale.money(sum);
    }
    OrderFreeSum sum;
    for (std::size_t i = 0; i < customers; ++i) {
        sum.add(amount(i));
    }
    return sum.nearest();
}

Solution solve_once(const PlanProblem& problem) {
    if (problem.sides.empty()) {
        return solve_without_limits(problem);
    }
    return problem.rows.size() == 1 && problem.settings.budget ? solve_single_budget(problem) : solve_limits(problem);
}

/// Where amounts are too far apart for one scale, a plan that keeps the limits by rounded amounts may break one by its
/// own. It is then made within limits that are tighter by more than the rounding.
Solution solve(PlanProblem& problem) {
    const std::vector<LimitRow> as_set = problem.rows;
    Solution solution = solve_once(problem);
    constexpr int most_times = 8;
    for (int k = 0; k < most_times && !solution.has_exact_units && solution.status != PlanStatus::infeasible; ++k) {
        bool is_kept = true;
        for (LimitRow& row : problem.rows) {
            if (!keeps(problem.table, row, solution.action)) {
                tighten(problem.table, row);
                is_kept = false;
            }
        }
        if (is_kept) {
            break;
        }
        const double bound = std::max(solution.bound, solution.relaxed_bound);
        problem.sides = limit_sides(problem.rows);
        solution = solve_once(problem);
        solution.conflict.clear();  // these are not the limits that were set
        solution.bound = std::max({bound, solution.bound, solution.relaxed_bound});
        solution.relaxed_bound = solution.bound;
    }
    if (!solution.has_exact_units && solution.status == PlanStatus::optimal) {  // but for the rounding
        solution.status = PlanStatus::bounded;
        solution.bound = solution.relaxed_bound;
    }
    problem.rows = as_set;
    return solution;
}

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
    const auto sum = [&](const std::vector<double>& figures) {
        return exact_sum(table.size(), [&](std::size_t i) { return figures[table.cell(i, plan.action[i])]; });
    };
    const Scales& scales = problem.scales;
    plan.cost = solution.totals ? scales.cost.money(solution.totals->cost) : sum(table.cost);
    plan.objective = solution.totals ? scales.profit.money(solution.totals->profit) : sum(table.maximised());
    plan.expected_profit = table.objective.empty() ? plan.objective : sum(table.expected_profit);
    for (std::size_t r = 0; r < problem.rows.size(); ++r) {
        const bool is_budget = r == 0 && plan.budget;
        plan.limits[r].used = is_budget ? plan.cost : exact_sum(table.size(), [&](std::size_t i) {
            return problem.rows[r].column.weight(table, i, plan.action[i]);
        });
    }
    for (std::size_t j = 0; j < problem.sides.size(); ++j) {
        plan.limits[problem.sides[j].row].multiplier += problem.sides[j].sign * solution.prices[j];
    }
    plan.relaxed_bound = std::max(solution.relaxed_bound, plan.objective);
    plan.upper_bound = std::max(solution.bound, plan.objective);
    plan.objective_without = problem.objective_without;
    plan.relative_gap = relative_gap_of(plan.upper_bound, plan.objective, plan.objective_without);
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
    prepared_->ranges.profit = check_amounts(table, table.expected_profit, "expected_profit");
    prepared_->ranges.objective =
        table.objective.empty() ? prepared_->ranges.profit : check_amounts(table, table.objective, "the objective");
    prepared_->ranges.cost = check_amounts(table, table.cost, "cost");
    prepared_->scales = {MoneyScale(prepared_->ranges.objective.largest), MoneyScale(prepared_->ranges.cost.largest)};
    for (const CostColumn& cost : table.further_costs) {
        prepared_->ranges.further_costs.push_back(check_amounts(table, cost.values, "cost_" + cost.name));
    }
    const bool is_nothing_for_all =  // as a rule
        std::all_of(maximised.begin(), maximised.begin() + static_cast<std::ptrdiff_t>(table.size()),
                    [](double objective) { return objective == 0.0; });
    if (!is_nothing_for_all) {
        const std::vector<std::uint8_t> least = least_actions(table);
        prepared_->objective_without =
            exact_sum(table.size(), [&](std::size_t i) { return maximised[table.cell(i, least[i])]; });
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
    PlanProblem problem{table_,
                        settings,
                        prepared_->cells,
                        prepared_->scales,
                        prepared_->objective_without,
                        false,
                        limit_rows(table_, settings),
                        {}};
    problem.sides = limit_sides(problem.rows);
    problem.has_exact_units = prepared_->scales.profit.holds(prepared_->ranges.objective.smallest) &&
                              prepared_->scales.cost.holds(prepared_->ranges.cost.smallest);
    if (table_.size() > 0) {
        if (const auto affordable = affordable_table(table_, problem.rows, prepared_->ranges)) {
            ActionPlan plan = ActionPlanner(*affordable).plan(settings);
            plan.objective_without = prepared_->objective_without;  // whatever the limits close
            plan.relative_gap = relative_gap_of(plan.upper_bound, plan.objective, plan.objective_without);
            return plan;
        }
    }
    Solution solution = solve(problem);
    return finish(problem, std::move(solution));
}

void recount(ActionPlan& plan, const UpliftTable& table) {
    OptimizerSettings settings;
    settings.budget = plan.budget;
    for (std::size_t r = plan.budget ? 1 : 0; r < plan.limits.size(); ++r) {
        settings.limits.push_back(plan.limits[r].as_set);
    }
    const std::vector<LimitRow> rows = limit_rows(table, settings);
    const auto sum = [&](const auto& of) {
        return exact_sum(table.size(), [&](std::size_t i) { return of(i, plan.action[i]); });
    };
    plan.invested =
        plan.action.size() - static_cast<std::size_t>(std::count(plan.action.begin(), plan.action.end(), 0));
    plan.cost = sum([&](std::size_t i, std::size_t a) { return table.cost[table.cell(i, a)]; });
    plan.expected_profit = sum([&](std::size_t i, std::size_t a) { return table.expected_profit[table.cell(i, a)]; });
    for (std::size_t r = 0; r < rows.size(); ++r) {
        plan.limits[r].used = sum([&](std::size_t i, std::size_t a) { return rows[r].column.weight(table, i, a); });
    }
}

double relative_gap_of(double upper_bound, double objective, double objective_without) noexcept {
    const double gain = std::max(std::abs(upper_bound - objective_without), std::abs(objective - objective_without));
    return gain > 0.0 ? (upper_bound - objective) / gain : 0.0;
}

std::vector<std::uint8_t> least_actions(const UpliftTable& table) {
    std::vector<std::uint8_t> least(table.size(), 0);
    for (std::size_t i = 0; i < table.size(); ++i) {
        std::size_t best = 0;
        for (std::size_t a = 1; a < table.actions.size() && !table.is_open(i, 0); ++a) {
            const auto is_better = [&](std::size_t than) {
                const std::size_t cell = table.cell(i, a);
                const std::size_t other = table.cell(i, than);
                return table.cost[cell] != table.cost[other] ? table.cost[cell] < table.cost[other]
                                                             : table.maximised()[cell] > table.maximised()[other];
            };
            if (table.is_open(i, a) && (best == 0 || is_better(best))) {
                best = a;
            }
        }
        least[i] = static_cast<std::uint8_t>(best);
    }
    return least;
}

ActionPlan plan_actions(const UpliftTable& table, const OptimizerSettings& settings) {
    return ActionPlanner(table).plan(settings);
}

}  // namespace clv
