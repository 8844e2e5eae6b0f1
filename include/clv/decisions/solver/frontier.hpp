#pragma once
// What every budget would earn: the whole frontier of plans that are optimal for the budget they spend, without other
// limits.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "clv/decisions/table/uplift_table.hpp"

namespace clv {

struct FrontierPoint {
    double budget = 0.0;        ///< currency: what the plan spends
    double profit = 0.0;        ///< currency: what it maximises, the most that the budget can buy
    double marginal_roi = 0.0;  ///< profit of the last unit of budget: the plan has every step worth at least this
};

/// Customers move along their own hull of actions as the budget grows. In stage s a customer has `action[i]` from
/// frontier point `from[i]` on and before point `to[i]`; from == to: not in this stage.
struct FrontierStage {
    std::vector<std::uint8_t> action;  ///< a SimulationPlan's assignment
    std::vector<std::uint16_t> from;
    std::vector<std::uint16_t> to;
};

struct Frontier {
    std::vector<FrontierPoint> points;  ///< budget and profit rise, marginal_roi falls; the first point is the plan
                                        ///< that costs least
    std::vector<FrontierStage> stages;  ///< empty unless asked for
};

/// At most `points` points (2..65535), each the exact optimum of its budget, spaced evenly in budget as far as the
/// steps allow. With `with_stages` also who has what where, to value every point on other paths.
[[nodiscard]] Frontier efficient_frontier(const UpliftTable& table, std::size_t points, bool with_stages = false);

}  // namespace clv
