#pragma once
// Whole plans on the true objective (1 - w) mean + w CVaR, where the best mixture of plans splits customers.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "clv/decisions/tail/mean_cvar.hpp"
#include "decisions/table/limit_rows.hpp"

namespace clv::decisions {

struct WholePlanSearch {
    const UpliftTable& priced;  ///< its objective is the profit under `path_weights`
    const std::vector<LimitRow>& rows;
    const std::vector<LimitSide>& sides;
    PortfolioPaths& portfolio;
    std::span<const double> without;       ///< [path], currency: value of doing nothing
    std::span<const double> path_weights;  ///< [path], p: whatever they are, no plan is worth more than under them
    std::span<const double> multipliers;   ///< [row]: of the bound under these weights
    double risk_weight;
    double cvar_level;
    bool exact;  ///< search longer
};

struct WholePlan {
    std::vector<std::uint8_t> action;
    double objective;    ///< currency
    double upper_bound;  ///< currency: no plan within the limits has a higher objective, as far as the search has shown
};

/// Improves a plan within the limits by exchanges of one and of two choices among the customers of least regret, then
/// goes over the sets of choices by regret. Work is counted, so that the same question has the same answer everywhere.
[[nodiscard]] WholePlan search_whole_plans(const WholePlanSearch& search, std::span<const std::uint8_t> start);

}  // namespace clv::decisions
