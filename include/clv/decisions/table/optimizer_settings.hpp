#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace clv {

/// One linear limit on a plan (config [[optimizer.limits]]): the sum of a column over the customers of `segment` who
/// get `action` is at least `min` and at most `max`; or their profit is at least `min_roi` times their cost.
struct PlanLimit {
    std::string name;               ///< required, and distinct
    std::string column = "cost";    ///< cost, cost_NAME, expected_profit, or count: customers with an action but none
    std::string action;             ///< empty: all actions
    std::string segment;            ///< empty: all customers
    std::optional<double> min;      ///< in the unit of the column
    std::optional<double> max;      ///< in the unit of the column
    std::optional<double> min_roi;  ///< least expected_profit per unit of cost; `column` does not count then
};

enum class Objective {
    profit,    ///< expected profit of the plan
    mean_cvar  ///< (1 - w) mean + w CVaR of the total value under the plan, w = risk_weight
};

/// Config section [optimizer].
struct OptimizerSettings {
    std::string uplift;            ///< an uplift CSV to use as it is; empty: results
    std::string results;           ///< results folder or its results.h5; empty: OUT
    std::string current;           ///< a CSV customer_id, action: what is done today; empty: nothing is known of it
    std::optional<double> budget;  ///< currency; absent: no cap
    std::vector<PlanLimit> limits;
    bool require_choice = false;  ///< a customer without a `none` row must get one of their actions
    bool exact = false;           ///< prove the plan optimal, however long that takes up to the search limit
    Objective objective = Objective::profit;
    double risk_weight = 0.5;            ///< of CVaR, 0..1
    double customer_risk_weight = 0.0;   ///< of the CVaR of each customer's own value, 0..1
    double robustness = 0.0;             ///< standard errors taken off every action's profit before it is chosen
    double switching_penalty = 0.0;      ///< currency charged for an action other than the current one
    std::int64_t added_paths = 0;        ///< more paths for customers whose choice could turn
    std::int64_t frontier_points = 200;  ///< most points of the frontier
};

}  // namespace clv
