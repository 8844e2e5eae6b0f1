#pragma once
// One request to the optimizer: a table, what is maximised in it, and the limits.

#include <cstdint>
#include <optional>
#include <vector>

#include "clv/decisions/solver/optimizer.hpp"
#include "decisions/solver/exact/knapsack_core.hpp"
#include "decisions/table/limit_rows.hpp"
#include "scan.hpp"

namespace clv::decisions {

struct PlanProblem {
    const UpliftTable& table;
    const OptimizerSettings& settings;
    const Cells& cells;     ///< objective and cost
    const Scales& scales;   ///< of them
    double largest_profit;  ///< magnitude of expected_profit, which may be another than the objective
    std::vector<LimitRow> rows;
    std::vector<LimitSide> sides;

    /// Customers by id, for ties.
    [[nodiscard]] bool before(std::uint32_t a, std::uint32_t b) const {
        return table.customer_id[a] < table.customer_id[b];
    }
    [[nodiscard]] double objective(std::uint32_t customer, std::size_t action) const {
        return cells.profit[action][customer];
    }
};

/// What a solver hands back, before it is a plan for users.
struct Solution {
    PlanStatus status = PlanStatus::bounded;
    std::vector<std::uint8_t> action;
    std::optional<Totals> totals;       ///< objective and cost of these actions, where they are known
    std::vector<double> prices;         ///< [side]
    double relaxed_bound = 0.0;         ///< currency, at the prices
    double bound = 0.0;                 ///< currency; the same, or what a search has shown
    std::vector<std::size_t> conflict;  ///< rows
};

/// A budget and nothing else.
[[nodiscard]] Solution solve_single_budget(const PlanProblem& problem);

/// Any limits.
[[nodiscard]] Solution solve_limits(const PlanProblem& problem);

}  // namespace clv::decisions

namespace clv {

/// What a planner knows of its table.
struct ActionPlanner::Prepared {
    decisions::Cells cells;  ///< objective and cost
    decisions::Scales scales;
    double largest_profit = 1.0;  ///< magnitudes
    double largest_objective = 1.0;
    double largest_cost = 1.0;
};

}  // namespace clv
