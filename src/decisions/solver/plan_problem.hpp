#pragma once
// One request to the optimizer: a table, what is maximised in it, and the limits.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "clv/decisions/solver/optimizer.hpp"
#include "decisions/solver/exact/knapsack_core.hpp"
#include "decisions/table/limit_rows.hpp"
#include "scan.hpp"

namespace clv::decisions {

struct PlanProblem {
    const UpliftTable& table;
    const OptimizerSettings& settings;
    const Cells& cells;    ///< objective and cost
    const Scales& scales;  ///< of them
    double objective_without;
    bool has_exact_units;  ///< cells are whole numbers of units
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

/// Of some open amounts, in currency.
struct AmountRange {
    double largest = 0.0;   ///< magnitude
    double smallest = 0.0;  ///< magnitude, of those that are not 0; infinity where all are
};

/// Of a table's columns.
struct AmountRanges {
    AmountRange profit;
    AmountRange objective;
    AmountRange cost;
    std::vector<AmountRange> further_costs;

    /// Of the column that a limit adds up; nothing where it is not one of the costs.
    [[nodiscard]] std::optional<AmountRange> of(const LimitColumn& column) const;
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
    bool has_exact_units = true;        ///< all that the limits add up is whole numbers of units
};

/// A budget and nothing else.
[[nodiscard]] Solution solve_single_budget(const PlanProblem& problem);

/// The table without the actions that no plan can pay for, where limits of cost are so low against its largest amounts
/// that these would leave no digits for the others; nothing where it can stay as it is.
[[nodiscard]] std::optional<UpliftTable> affordable_table(const UpliftTable& table, const std::vector<LimitRow>& rows,
                                                          const AmountRanges& ranges);

/// Whether actions [customer] keep the row, by exact sums.
[[nodiscard]] bool keeps(const UpliftTable& table, const LimitRow& row, std::span<const std::uint8_t> action);

/// Lets the row allow less, by more than units can have rounded.
void tighten(const UpliftTable& table, LimitRow& row);

/// Any limits.
[[nodiscard]] Solution solve_limits(const PlanProblem& problem);

}  // namespace clv::decisions

namespace clv {

/// What a planner knows of its table.
struct ActionPlanner::Prepared {
    decisions::Cells cells;  ///< objective and cost
    decisions::Scales scales;
    decisions::AmountRanges ranges;
    double objective_without = 0.0;
};

}  // namespace clv
