#pragma once
// A plan's limits as the solvers see them: sums of weights over customers that may not exceed a bound.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clv/decisions/table/optimizer_settings.hpp"
#include "clv/decisions/table/uplift_table.hpp"
#include "exact_money.hpp"

namespace clv::decisions {

/// What a limit adds up, in the unit of its column.
struct LimitColumn {
    enum class Kind { cost, further_cost, expected_profit, count, roi };
    Kind kind = Kind::cost;
    std::size_t further = 0;           ///< index into further_costs
    double min_roi = 0.0;              ///< of kind roi: expected_profit - min_roi x cost is added up (least_return)
    std::vector<std::uint8_t> counts;  ///< [action]: 1 where it is part of the sum
    std::optional<std::uint32_t> segment;

    [[nodiscard]] double weight(const UpliftTable& table, std::size_t customer, std::size_t action) const {
        if (counts[action] == 0 || (segment && table.segment[customer] != *segment)) {
            return 0.0;
        }
        const std::size_t cell = table.cell(customer, action);
        switch (kind) {
            case Kind::cost:
                return table.cost[cell];
            case Kind::further_cost:
                return table.further_costs[further].values[cell];
            case Kind::expected_profit:
                return table.expected_profit[cell];
            case Kind::count:
                return 1.0;
            case Kind::roi:
                return table.expected_profit[cell] - min_roi * table.cost[cell];
        }
        return 0.0;
    }
};

/// One limit, the budget among them.
struct LimitRow {
    std::string name;
    LimitColumn column;
    std::optional<double> min;
    std::optional<double> max;
    double min_allowance = 0.0;  ///< by how much a sum may miss them (exact_limits.hpp)
    double max_allowance = 0.0;
};

/// One side of a limit: sign x sum of weights <= bound, which may be exceeded by the allowance.
struct LimitSide {
    std::size_t row;
    double sign;  ///< 1: max, -1: min
    double bound;
    double allowance;

    [[nodiscard]] double reach() const { return bound + allowance; }
};

/// The budget first, then the limits in their order. Throws ConfigError where a limit is wrong or names a column,
/// action or segment that the table does not have.
[[nodiscard]] std::vector<LimitRow> limit_rows(const UpliftTable& table, const OptimizerSettings& settings);

[[nodiscard]] std::vector<LimitSide> limit_sides(const std::vector<LimitRow>& rows);

}  // namespace clv::decisions
