#include "clv/risk/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace clv {

namespace {

__extension__ using Wide = __int128;

double quantile_standard_error(std::span<const double> sorted, double level) {
    const auto n = static_cast<double>(sorted.size());
    const double centre = n * level;
    const double spread = std::sqrt(n * level * (1.0 - level));
    const double low = std::clamp(std::floor(centre - spread), 1.0, n);
    const double high = std::clamp(std::ceil(centre + spread), 1.0, n);
    return 0.5 * (sorted[static_cast<std::size_t>(high) - 1] - sorted[static_cast<std::size_t>(low) - 1]);
}

struct Tail {
    double mean;
    double se;
};

Tail lower_tail(std::span<const double> sorted, const FixedPoint& scale, const DecimalLevel& level) {
    const std::uint64_t count = sorted.size();
    const std::uint64_t whole = level.whole(count);
    const double fraction = level.fraction(count);
    const std::int64_t edge = scale.units(sorted[level.rank(count) - 1]);
    Wide sum = 0;
    for (std::uint64_t i = 0; i < whole; ++i) {
        sum += scale.units(sorted[i]);
    }
    const auto n = static_cast<double>(count);
    const double tail_size = n * level.value();
    double total = static_cast<double>(sum);
    if (fraction > 0.0 && whole < count) {
        total += fraction * static_cast<double>(scale.units(sorted[whole]));
    }
    // influence function: the shortfall below the quantile, over the level
    Wide shortfall_sum = 0;
    Wide shortfall_squares = 0;
    for (const double value : sorted) {
        const std::int64_t shortfall = edge - scale.units(value);
        if (shortfall <= 0) {
            break;
        }
        shortfall_sum += shortfall;
        shortfall_squares += static_cast<Wide>(shortfall) * shortfall;
    }
    const auto first = static_cast<double>(shortfall_sum);
    const double variance = count > 1 ? (static_cast<double>(shortfall_squares) - first * first / n) / (n - 1.0) : 0.0;
    const double se = std::sqrt(std::max(variance, 0.0) / n) / level.value();
    // Sums are on the grid of the scale and quantiles are not: rounding alone must not lift the tail above its edge.
    const double mean = std::min(total * scale.unit() / tail_size, sorted[level.rank(count) - 1]);
    return {mean, se * scale.unit()};
}

}  // namespace

Distribution summarise(std::span<double> values, const FixedPoint& scale, const DistributionLevels& levels) {
    std::vector<std::int64_t> units(values.size());
    std::transform(values.begin(), values.end(), units.begin(), [&](double value) { return scale.units(value); });
    const MeanAndSpread moments = mean_and_spread(units, scale.unit());
    std::sort(values.begin(), values.end());

    Distribution result;
    result.mean = moments.mean;
    result.se = moments.se;
    result.sd = moments.sd;
    for (const DecimalLevel& level : levels.quantiles) {
        result.quantiles.push_back(values[level.rank(values.size()) - 1]);
        result.quantile_se.push_back(quantile_standard_error(values, level.value()));
    }
    const Tail tail = lower_tail(values, scale, levels.cvar);
    result.cvar = tail.mean;
    result.cvar_se = tail.se;
    const auto losses = std::lower_bound(values.begin(), values.end(), 0.0) - values.begin();
    result.prob_loss = static_cast<double>(losses) / static_cast<double>(values.size());
    return result;
}

}  // namespace clv
