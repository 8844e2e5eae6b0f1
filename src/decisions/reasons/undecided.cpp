#include "clv/decisions/reasons/undecided.hpp"

#include <cmath>
#include <cstddef>

#include "clv/core/errors.hpp"
#include "plan_prices.hpp"

namespace clv {

std::vector<std::size_t> undecided_customers(const UpliftTable& table, const ActionPlan& plan, double standard_errors) {
    if (table.expected_profit_se.empty()) {
        throw InputError(
            "no standard errors (uplift, expected_profit_se): they tell whose choice could turn; give the column");
    }
    const decisions::PlanPrices prices(table, plan);
    const std::size_t actions = table.actions.size();
    std::vector<std::size_t> undecided;
    std::vector<double> worth(actions);
    for (std::size_t i = 0; i < table.size(); ++i) {
        std::size_t best = actions;
        for (std::size_t a = 0; a < actions; ++a) {
            worth[a] = prices.worth(i, a);
            if (table.is_open(i, a) && (best == actions || worth[a] > worth[best])) {
                best = a;
            }
        }
        bool could_turn = false;
        for (std::size_t a = 0; a < actions; ++a) {
            if (a == best || !table.is_open(i, a)) {
                continue;
            }
            const double error =
                std::hypot(table.expected_profit_se[table.cell(i, a)], table.expected_profit_se[table.cell(i, best)]);
            could_turn = could_turn || worth[best] - worth[a] < standard_errors * error;
        }
        if (could_turn) {
            undecided.push_back(i);
        }
    }
    return undecided;
}

}  // namespace clv
