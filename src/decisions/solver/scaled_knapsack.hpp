#pragma once
// What customers could have instead of a plan at given prices, in units.

#include <cstdint>
#include <span>
#include <vector>

#include "clv/decisions/table/uplift_table.hpp"
#include "decisions/solver/exact/knapsack_core.hpp"
#include "decisions/table/limit_rows.hpp"

namespace clv::decisions {

/// A plan that everybody chooses at `prices`. All must outlive what is made of it.
struct KnapsackBase {
    const UpliftTable& table;
    const MoneyScale& profit_scale;  ///< of what the table maximises
    const std::vector<LimitRow>& rows;
    const std::vector<LimitSide>& sides;
    std::span<const std::uint8_t> action;  ///< of every customer
    std::span<const double> prices;        ///< [side]
};

struct ScaledKnapsack {
    KnapsackCore core;
    std::vector<MoneyScale> scale;  ///< [side]
    bool has_exact_units = true;    ///< all that sides add up is whole numbers of units
};

/// What these customers could have instead of their choice, at regrets up to `most_regret` units.
[[nodiscard]] ScaledKnapsack scaled_knapsack(const KnapsackBase& base, std::vector<std::uint32_t> customers,
                                             double most_regret);

/// Prices per unit of the core's rows.
[[nodiscard]] std::vector<double> unit_prices(const KnapsackBase& base, const ScaledKnapsack& scaled);

}  // namespace clv::decisions
