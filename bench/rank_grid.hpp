#pragma once
// Values of the engine around every quantile, in steps of the standard error of a difference of two quantiles. A peer's
// quantile agrees when it falls close enough to the middle of this grid. Distances are counted in ranks, not in money:
// where many paths share a value, or none lie between two churn months, an error in money would mean nothing.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "clv/risk/decimal_level.hpp"
#include "clv/simulation/backend.hpp"
#include "work.hpp"

namespace clv::bench {

inline constexpr int grid_half_width = 8;  ///< standard errors on either side

/// A rank as a level that every rule for order statistics reads as that rank.
inline double level_of_rank(std::int64_t rank, std::int64_t paths) {
    constexpr double decimals = 1e12;
    return std::round((static_cast<double>(rank) - 0.5) / static_cast<double>(paths) * decimals) / decimals;
}

/// {"z": [level][point], "values": [alternative][level][point][customer]} for the first customers of the work.
inline nlohmann::json rank_grid(Work work, std::size_t customers, const Backend& backend) {
    work.customers = std::min(work.customers, customers);
    SimulationPlan plan = plan_of(work);
    const std::vector<double> levels = plan.settings.quantiles;
    nlohmann::json z = nlohmann::json::array();
    std::vector<double> grid;
    for (const double level : levels) {
        const auto rank = static_cast<std::int64_t>(DecimalLevel(level).rank(static_cast<std::uint64_t>(work.paths)));
        const double se = std::sqrt(2.0 * static_cast<double>(work.paths) * level * (1.0 - level));
        nlohmann::json points = nlohmann::json::array();
        for (int step = -grid_half_width; step <= grid_half_width; ++step) {
            const auto point = std::clamp<std::int64_t>(rank + std::llround(step * se), 1, work.paths);
            points.push_back(static_cast<double>(point - rank) / se);
            grid.push_back(level_of_rank(point, work.paths));
        }
        z.push_back(points);
    }
    plan.settings.quantiles = grid;
    NoProgress progress;
    const SimulationResult result = backend.run(columns_of(work), plan, progress);
    constexpr std::size_t points = 2 * grid_half_width + 1;
    nlohmann::json values = nlohmann::json::array();
    for (const ClvFigures& clv : result.actions) {
        nlohmann::json of_alternative = nlohmann::json::array();
        for (std::size_t level = 0; level < levels.size(); ++level) {
            const auto begin = clv.quantiles.begin() + static_cast<std::ptrdiff_t>(level * points);
            of_alternative.push_back(std::vector(begin, begin + points));
        }
        values.push_back(of_alternative);
    }
    return {{"z", z}, {"values", values}};
}

}  // namespace clv::bench
