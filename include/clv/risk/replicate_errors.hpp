#pragma once
// Standard errors of samples whose paths are not independent. Stratified and Sobol paths come in 16 replicates, each
// randomised on its own (random/scrambled_point.hpp): path p belongs to replicate p mod 16. A statistic of one
// replicate's paths is an independent estimate, and the spread of the 16 tells the error of the figure from all paths:
// their standard deviation / 4, to be read with Student's t of 15 degrees of freedom.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "clv/random/scrambled_point.hpp"
#include "clv/risk/distribution.hpp"

namespace clv {

/// 97.5% quantile of Student's t with `replicates` - 1 degrees of freedom: a 95% interval is +- this many errors.
inline constexpr double replicate_t_97_5 = 2.131449545559323;

/// Standard deviation / 4 of a statistic's values in the replicates.
[[nodiscard]] double replicate_error(const std::array<double, replicates>& estimates);

/// [path]: units of a value, or of a value minus another one. The error of their mean, times `unit`. Paths are a
/// multiple of 16, at most 2^27; units are below 2^62 in magnitude.
[[nodiscard]] double replicate_mean_error(std::span<const std::int64_t> units, double unit);

/// Errors of the figures of a sample.
struct ReplicateErrors {
    double mean = 0.0;
    std::vector<double> quantiles;  ///< one per level
    double cvar = 0.0;
};

/// Buffers for callers that take many.
struct ReplicateScratch {
    DistributionScratch distribution;
    RanksNeeded needed;  ///< of one replicate
    std::uint64_t needed_count = 0;
    std::vector<double> by_replicate;  ///< [replicate][point]
    SampleParts parts;
    std::vector<std::int64_t> units;
    std::vector<std::int64_t> units_without;
    std::vector<std::array<double, replicates>> quantiles;  ///< [level]
};

/// replicate_mean_error of values, and of their gain over those without, path by path and both in units of `scale`,
/// which all of them fit.
[[nodiscard]] double replicate_mean_error(std::span<const double> values, const FixedPoint& scale,
                                          ReplicateScratch& scratch);
[[nodiscard]] double replicate_gain_error(std::span<const double> values, std::span<const double> without,
                                          const FixedPoint& scale, ReplicateScratch& scratch);

/// Errors of quantiles and CVaR of `values`, [path], a multiple of 16 of them; `errors.mean` stays. Quantiles of a
/// replicate are order statistics of its own values. The levels must be the same whenever `scratch` is. No NaN, zeros
/// of one sign, all values fit `scale`.
void replicate_rank_errors(std::span<const double> values, const FixedPoint& scale, const DistributionLevels& levels,
                           ReplicateScratch& scratch, ReplicateErrors& errors,
                           TakeLowValues take_low = take_low_values);

/// distribution_of() of values of paths in replicates, a multiple of 16 of them.
[[nodiscard]] Distribution distribution_of_replicates(std::span<const double> values, const FixedPoint& scale,
                                                      const DistributionLevels& levels);

}  // namespace clv
