#pragma once
// Which action for which customer, under a budget: the multiple-choice knapsack.
//
// Per customer only the upper concave hull of (cost, profit) from doing nothing matters to the linear relaxation. Its
// steps, over all customers by falling profit per cost, are taken while they fit (Zemel 1980; Kellerer, Pferschy,
// Pisinger 2004, ch. 11). The step at which the budget runs out gives the multiplier (what one more unit of budget
// would earn) and with it the dual bound: no plan earns more than upper_bound. What is left of the budget is filled
// with later steps and with choices off the hull, and the plan is kept that earns most among those which force one of
// the first steps that did not fit.
//
// Money is added up in fixed point, so the plan and its totals do not depend on the order of customers.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clv/decisions/optimizer_settings.hpp"
#include "clv/decisions/uplift_table.hpp"

namespace clv {

struct ActionPlan {
    std::vector<std::uint8_t> action;  ///< of every customer, 0 = none: a SimulationPlan's assignment
    std::size_t invested = 0;          ///< customers with an action
    double cost = 0.0;                 ///< currency; at most the budget
    double expected_profit = 0.0;      ///< currency
    double upper_bound = 0.0;          ///< no plan within the budget has a higher expected_profit
    double relative_gap = 0.0;         ///< (upper_bound - expected_profit) / upper_bound
    double multiplier = 0.0;       ///< the cut-off: profit of one more unit of budget spent on actions that the budget
                                   ///< can pay at all; 0 where it pays for everything worth having
    std::optional<double> budget;  ///< currency; absent: no cap
};

/// The best set of actions to within relative_gap, and never less than half of upper_bound. An action that earns
/// nothing is never chosen; one that earns and costs nothing always competes. O(n log n) in customers x actions. Ties
/// go to the smaller customer_id. Throws InputError if an eligible figure is not a number, a cost is negative or the
/// table is malformed, ConfigError if the budget is negative or not finite.
[[nodiscard]] ActionPlan plan_actions(const UpliftTable& table, const OptimizerSettings& settings);

/// "Invest" where the plan has an action for the customer, else "Ignore".
[[nodiscard]] std::string_view recommended_action(const ActionPlan& plan, std::size_t customer) noexcept;

/// Why the plan does what it does with the customer: one line, with the figures that decided.
[[nodiscard]] std::string reason(const UpliftTable& table, const ActionPlan& plan, std::size_t customer);

}  // namespace clv
