#pragma once
// Standard errors of samples whose paths are not independent. Stratified and Sobol paths come in 16 replicates, each
// randomised on its own (random/scrambled_point.hpp), and so do the draws of fitted models that retail paths share
// (models/draw_points.hpp): path p belongs to replicate p mod 16.
//
//   Definition   A figure is the mean over paths of its influence function, up to what vanishes faster: of the value
//                itself for a mean, of the shortfall below the quantile for CVaR. Sums of it over the paths of one
//                replicate are independent of those of another, and their spread tells the error: the standard
//                deviation of the replicates' means over 4, to be read with Student's t of 15 degrees of freedom. For a
//                quantile it is the number of values below it that is summed, which rank_errors.hpp turns into an
//                error: a quantile of a replicate's own values would not do, because a few heavy values move it in
//                other steps than that of all.
//
// Paths need not divide into 16: the first replicates then have one more. Fewer than 16 paths are a replicate each.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "clv/random/scrambled_point.hpp"
#include "clv/risk/distribution.hpp"

namespace clv {

/// 97.5% quantile of Student's t with `replicates` - 1 degrees of freedom: a 95% interval is +- this many errors.
inline constexpr double replicate_t_97_5 = 2.131449545559323;

/// [path]: units of a value, or of a value minus another one. The error of their mean, times `unit`. At most 2^27
/// paths; units are below 2^62 in magnitude.
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
    SampleParts parts;
    std::vector<std::int64_t> units;
    std::vector<std::int64_t> units_without;
    std::vector<std::array<std::uint64_t, rank_nodes>> nodes;  ///< [level]
};

/// replicate_mean_error of values, and of their gain over those without, path by path and both in units of `scale`,
/// which all of them fit.
[[nodiscard]] double replicate_mean_error(std::span<const double> values, const FixedPoint& scale,
                                          ReplicateScratch& scratch);
[[nodiscard]] double replicate_gain_error(std::span<const double> values, std::span<const double> without,
                                          const FixedPoint& scale, ReplicateScratch& scratch);

/// Errors of quantiles and CVaR of `values`, [path]; `errors.mean` stays. `parts` and `needed`: of all the values, as
/// for finish(). No NaN, zeros of one sign, all values fit `scale`.
void replicate_rank_errors(std::span<const double> values, const SampleParts& parts, const RanksNeeded& needed,
                           const FixedPoint& scale, const DistributionLevels& levels, ReplicateScratch& scratch,
                           ReplicateErrors& errors);

/// distribution_of() of values of paths in replicates.
[[nodiscard]] Distribution distribution_of_replicates(std::span<const double> values, const FixedPoint& scale,
                                                      const DistributionLevels& levels);

}  // namespace clv
