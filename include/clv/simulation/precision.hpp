#pragma once
// Stopping when it is precise enough: how far a customer's errors are from the target, and how many paths come next.

#include <cstdint>
#include <optional>

#include "clv/simulation/plan.hpp"

namespace clv {

/// The larger of the standard errors over what the target allows: at most 1 is precise enough. No error is, whatever
/// the target. Infinite where the target is relative to a mean of 0.
[[nodiscard]] double error_ratio(const PrecisionTarget& target, double mean, double mean_se,
                                 std::optional<double> quantile_se);

/// Paths that a customer has after the next round: as many as independent paths would need, at least twice those used,
/// at most settings.most_paths(). Rounds are of 64 paths, or of settings.paths where paths come in replicates, which
/// are most precise as a whole. `ratio` is above 1, `used` below the most.
[[nodiscard]] std::int64_t paths_after_next_round(const SimulationSettings& settings, std::int64_t used, double ratio);

}  // namespace clv
