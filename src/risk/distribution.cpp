#include "clv/risk/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "clv/core/instruction_clones.hpp"

namespace clv {

namespace {

__extension__ using Wide = __int128;

/// Ranks one standard deviation of a binomial count below and above the quantile's.
struct RankInterval {
    std::uint64_t low;
    std::uint64_t high;
};

RankInterval one_sigma_ranks(std::uint64_t count, double level) {
    const auto n = static_cast<double>(count);
    const double centre = n * level;
    const double spread = std::sqrt(n * level * (1.0 - level));
    return {static_cast<std::uint64_t>(std::clamp(std::floor(centre - spread), 1.0, n)),
            static_cast<std::uint64_t>(std::clamp(std::ceil(centre + spread), 1.0, n))};
}

struct Tail {
    double mean;
    double se;
};

/// `selection` holds the ranks up to that of the level.
Tail lower_tail(const Selection& selection, std::uint64_t count, const FixedPoint& scale, const DecimalLevel& level) {
    const std::uint64_t rank = level.rank(count);
    const double edge_value = selection.at_rank(rank);
    const std::int64_t edge = scale.units(edge_value);
    Wide sum = 0;
    // Of the influence function: the shortfall below the quantile, over the level. Squares are kept to the bits that a
    // double keeps: shortfalls below 2^62, 2^27 of them, fit 128 bits once 12 are lost.
    constexpr int lost_bits = 12;
    Wide shortfall_sum = 0;
    Wide shortfall_squares = 0;
    for (const std::span<const double> part : {selection.tail_below(), selection.tail_edge()}) {
        for (const double value : part) {
            const std::int64_t units = scale.units(value);
            const std::int64_t shortfall = edge - units;
            sum += units;
            shortfall_sum += shortfall;
            shortfall_squares += static_cast<Wide>(shortfall >> lost_bits) * (shortfall >> lost_bits);
        }
    }
    // The sum has the values of all ranks up to the quantile's; where count x level is no whole number, the last of
    // them counts in part.
    const double fraction = level.fraction(count);
    double total = static_cast<double>(sum);
    if (fraction > 0.0) {
        total = static_cast<double>(sum - edge) + fraction * static_cast<double>(edge);
    }
    const auto n = static_cast<double>(count);
    const auto first = static_cast<double>(shortfall_sum);
    const double variance =
        count > 1 ? (std::ldexp(static_cast<double>(shortfall_squares), 2 * lost_bits) - first * first / n) / (n - 1.0)
                  : 0.0;
    const double se = std::sqrt(std::max(variance, 0.0) / n) / level.value();
    // Sums are on the grid of the scale and quantiles are not: rounding alone must not lift the tail above its edge.
    return {std::min(total * scale.unit() / (n * level.value()), edge_value), se * scale.unit()};
}

CLV_CLONES std::int64_t count_losses(const double* values, std::size_t count) {
    std::int64_t losses = 0;
    for (std::size_t i = 0; i < count; ++i) {
        losses += values[i] < 0.0 ? 1 : 0;
    }
    return losses;
}

}  // namespace

Distribution summarise(std::span<const double> values, const FixedPoint& scale, const DistributionLevels& levels,
                       SummaryScratch& scratch) {
    const std::uint64_t count = values.size();
    scratch.units.resize(values.size());
    static_cast<void>(scale.to_units(values, scratch.units));
    const MeanAndSpread moments = mean_and_spread(scratch.units, scale.unit());

    scratch.ranks.clear();
    for (const DecimalLevel& level : levels.quantiles) {
        const RankInterval interval = one_sigma_ranks(count, level.value());
        scratch.ranks.insert(scratch.ranks.end(), {level.rank(count), interval.low, interval.high});
    }
    scratch.ranks.push_back(levels.cvar.rank(count));
    Selection& selection = scratch.selection;
    selection.select(values, scratch.ranks, levels.cvar.rank(count));

    Distribution result;
    result.mean = moments.mean;
    result.se = moments.se;
    result.sd = moments.sd;
    for (const DecimalLevel& level : levels.quantiles) {
        const RankInterval interval = one_sigma_ranks(count, level.value());
        result.quantiles.push_back(selection.at_rank(level.rank(count)));
        result.quantile_se.push_back(0.5 * (selection.at_rank(interval.high) - selection.at_rank(interval.low)));
    }
    const Tail tail = lower_tail(selection, count, scale, levels.cvar);
    result.cvar = tail.mean;
    result.cvar_se = tail.se;
    result.prob_loss =
        static_cast<double>(count_losses(values.data(), values.size())) / static_cast<double>(values.size());
    return result;
}

Distribution summarise(std::span<const double> values, const FixedPoint& scale, const DistributionLevels& levels) {
    SummaryScratch scratch;
    return summarise(values, scale, levels, scratch);
}

}  // namespace clv
