#pragma once
// The figures of a sampled distribution of value: quantiles, CVaR, probability of loss, each with its standard error.
// The low end is the bad end.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clv/risk/decimal_level.hpp"
#include "clv/risk/fixed_point.hpp"
#include "clv/risk/rank_errors.hpp"
#include "clv/risk/selection.hpp"
#include "clv/risk/unit_sums.hpp"

namespace clv {

struct Distribution {
    double mean = 0.0;
    double se = 0.0;  ///< standard error of the mean
    double sd = 0.0;
    std::vector<double> quantiles;    ///< exact order statistics, rank ceil(N level)
    std::vector<double> quantile_se;  ///< rank_errors.hpp
    double cvar = 0.0;                ///< mean of the worst `cvar_level` of the values
    double cvar_se = 0.0;             ///< by the influence function
    double prob_loss = 0.0;           ///< share of values below 0
};

/// Which figures to take.
struct DistributionLevels {
    std::vector<DecimalLevel> quantiles;
    DecimalLevel cvar{0.05};
};

/// Which order statistics the figures of a sample need.
struct RanksNeeded {
    struct Quantile {  ///< positions in `ranks`
        std::size_t at;
        std::array<std::size_t, rank_nodes> nodes;  ///< of its error (rank_errors.hpp); all `at` without
    };
    std::vector<std::uint64_t> ranks;  ///< from 1, rising, each once
    std::vector<Quantile> quantiles;   ///< one per level
    std::size_t tail = 0;              ///< position of the rank where CVaR's tail ends
    [[nodiscard]] std::uint64_t tail_rank() const { return ranks[tail]; }
};
/// Where standard errors of quantiles come from.
enum class RankErrors {
    neighbours,  ///< from other order statistics of the sample: plain sampling
    none,        ///< not from this sample: quantile_se is 0
};
/// The ranks that a sample of `count` values, at least one, has to tell.
[[nodiscard]] RanksNeeded needed_ranks(std::uint64_t count, const DistributionLevels& levels,
                                       RankErrors errors = RankErrors::neighbours);
/// needed_ranks() into `needed`, whose memory is used again.
void find_ranks(std::uint64_t count, const DistributionLevels& levels, RankErrors errors, RanksNeeded& needed);

/// All that the figures of a sample take from its values: exact integers and order statistics, which no order of work
/// can change.
struct SampleParts {
    std::uint64_t count = 0;
    UnitSums all;                 ///< of every value in units
    UnitSums tail;                ///< of the values of ranks 1 .. tail_rank()
    std::uint64_t losses = 0;     ///< values below 0
    std::vector<double> at_rank;  ///< the value at each of the ranks needed
};

/// CVaR_a = (sum of the lowest floor(aN) + fraction x the next) / (aN) (Acerbi and Tasche 2002). `scale` and `needed`
/// as in finish().
[[nodiscard]] double tail_mean(const SampleParts& parts, const RanksNeeded& needed, const FixedPoint& scale,
                               const DecimalLevel& level);

/// The error of a quantile from its neighbours (RankErrors::neighbours).
[[nodiscard]] double quantile_error(const SampleParts& parts, const RanksNeeded::Quantile& quantile);

/// Figures of a sample whose units are those of `scale`. `needed` is needed_ranks(parts.count, levels).
[[nodiscard]] Distribution finish(const SampleParts& parts, const RanksNeeded& needed, const FixedPoint& scale,
                                  const DistributionLevels& levels);

/// finish() into `figures`, whose buffers are used again.
void finish(const SampleParts& parts, const RanksNeeded& needed, const FixedPoint& scale,
            const DistributionLevels& levels, Distribution& figures);

/// Figures of a sample of which only `count` and `all` were taken: mean, standard error and sd. The rest is NaN.
[[nodiscard]] Distribution finish_moments(const SampleParts& parts, const FixedPoint& scale,
                                          const DistributionLevels& levels);
void finish_moments(const SampleParts& parts, const FixedPoint& scale, const DistributionLevels& levels,
                    Distribution& figures);

/// Buffers of a collection, for callers that take many.
struct DistributionScratch {
    Selection selection;
};

/// A plain TakeLowValues.
[[nodiscard]] LowValues take_low_values(const double* values, std::size_t count, double edge, double scale);

/// Completes the parts of `values`, whose units are already summed in `parts.all`. No NaN, zeros of one sign. `needed`
/// is that of values.size().
void collect_ranks(std::span<const double> values, const RanksNeeded& needed, const FixedPoint& scale,
                   DistributionScratch& scratch, SampleParts& parts, TakeLowValues take_low = take_low_values);

/// Figures of `values`, all of which must fit `scale`: all parts, then finish(). At least one value.
[[nodiscard]] Distribution distribution_of(std::span<const double> values, const FixedPoint& scale,
                                           const DistributionLevels& levels, DistributionScratch& scratch);
[[nodiscard]] Distribution distribution_of(std::span<const double> values, const FixedPoint& scale,
                                           const DistributionLevels& levels);

/// VaR_a = mean - quantile_a of value.
[[nodiscard]] inline double value_at_risk(double mean, double quantile) {
    return mean - quantile;
}

}  // namespace clv
