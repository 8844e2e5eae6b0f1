#include "clv/risk/distribution.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "clv/core/progress.hpp"

namespace clv {

namespace {

/// The standard error of CVaR by the influence function, the shortfall below the quantile over the level.
double tail_error(const SampleParts& parts, const RanksNeeded& needed, const FixedPoint& scale,
                  const DecimalLevel& level) {
    if (parts.count < 2) {
        return 0.0;
    }
    const std::uint64_t rank = needed.tail_rank();
    const std::int64_t edge = scale.units(parts.at_rank[needed.tail]);
    const auto shortfall = static_cast<double>(static_cast<Wide>(rank) * edge - parts.tail.total());
    const auto n = static_cast<double>(parts.count);
    const double variance = (squares_about(parts.tail, rank, edge) - shortfall * shortfall / n) / (n - 1.0);
    return std::sqrt(std::max(variance, 0.0) / n) / level.value() * scale.unit();
}

}  // namespace

void find_ranks(std::uint64_t count, const DistributionLevels& levels, RankErrors errors, RanksNeeded& needed) {
    using Nodes = std::array<std::uint64_t, rank_nodes>;
    const auto nodes_of = [&](const DecimalLevel& level) {
        const std::uint64_t rank = level.rank(count);
        Nodes nodes{};
        nodes.fill(rank);
        const double below = static_cast<double>(count) * level.value() * (1.0 - level.value());
        return errors == RankErrors::none ? nodes : ranks_around(count, rank, std::sqrt(below));
    };
    std::vector<std::uint64_t>& ranks = needed.ranks;
    ranks.clear();
    for (const DecimalLevel& level : levels.quantiles) {
        const Nodes nodes = nodes_of(level);
        ranks.push_back(level.rank(count));
        ranks.insert(ranks.end(), nodes.begin(), nodes.end());
    }
    ranks.push_back(levels.cvar.rank(count));
    std::sort(ranks.begin(), ranks.end());
    ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());

    const auto position = [&ranks](std::uint64_t rank) {
        return static_cast<std::size_t>(std::lower_bound(ranks.begin(), ranks.end(), rank) - ranks.begin());
    };
    needed.quantiles.clear();
    for (const DecimalLevel& level : levels.quantiles) {
        RanksNeeded::Quantile& quantile = needed.quantiles.emplace_back();
        quantile.at = position(level.rank(count));
        std::ranges::transform(nodes_of(level), quantile.nodes.begin(), position);
    }
    needed.tail = position(levels.cvar.rank(count));
}

RanksNeeded needed_ranks(std::uint64_t count, const DistributionLevels& levels, RankErrors errors) {
    RanksNeeded needed;
    find_ranks(count, levels, errors, needed);
    return needed;
}

double tail_mean(const SampleParts& parts, const RanksNeeded& needed, const FixedPoint& scale,
                 const DecimalLevel& level) {
    const double edge_value = parts.at_rank[needed.tail];
    const std::int64_t edge = scale.units(edge_value);
    const Wide sum = parts.tail.total();
    // The sum has the values of all ranks up to the quantile's; where count x level is no whole number, the last of
    // them counts in part.
    const double fraction = level.fraction(parts.count);
    double total = static_cast<double>(sum);
    if (fraction > 0.0) {
        total = static_cast<double>(sum - edge) + fraction * static_cast<double>(edge);
    }
    // Sums are on the grid of the scale and quantiles are not: rounding alone must not lift the tail above its edge.
    return std::min(total * scale.unit() / (static_cast<double>(parts.count) * level.value()), edge_value);
}

double quantile_error(const SampleParts& parts, const RanksNeeded::Quantile& quantile) {
    std::array<double, rank_nodes> values{};
    std::ranges::transform(quantile.nodes, values.begin(), [&](std::size_t node) { return parts.at_rank[node]; });
    return error_over_nodes(values);
}

void finish(const SampleParts& parts, const RanksNeeded& needed, const FixedPoint& scale,
            const DistributionLevels& levels, Distribution& figures) {
    const MeanAndSpread moments = mean_and_spread(parts.all, parts.count, scale.unit());
    figures.mean = moments.mean;
    figures.se = moments.se;
    figures.sd = moments.sd;
    figures.quantiles.resize(needed.quantiles.size());
    figures.quantile_se.resize(needed.quantiles.size());
    for (std::size_t level = 0; level < needed.quantiles.size(); ++level) {
        const RanksNeeded::Quantile& quantile = needed.quantiles[level];
        figures.quantiles[level] = parts.at_rank[quantile.at];
        figures.quantile_se[level] = quantile_error(parts, quantile);
    }
    figures.cvar = tail_mean(parts, needed, scale, levels.cvar);
    figures.cvar_se = tail_error(parts, needed, scale, levels.cvar);
    figures.prob_loss = static_cast<double>(parts.losses) / static_cast<double>(parts.count);
}

Distribution finish(const SampleParts& parts, const RanksNeeded& needed, const FixedPoint& scale,
                    const DistributionLevels& levels) {
    Distribution figures;
    finish(parts, needed, scale, levels, figures);
    return figures;
}

void finish_moments(const SampleParts& parts, const FixedPoint& scale, const DistributionLevels& levels,
                    Distribution& figures) {
    constexpr double not_taken = std::numeric_limits<double>::quiet_NaN();
    const MeanAndSpread moments = mean_and_spread(parts.all, parts.count, scale.unit());
    figures.mean = moments.mean;
    figures.se = moments.se;
    figures.sd = moments.sd;
    figures.quantiles.assign(levels.quantiles.size(), not_taken);
    figures.quantile_se.assign(levels.quantiles.size(), not_taken);
    figures.cvar = not_taken;
    figures.cvar_se = not_taken;
    figures.prob_loss = not_taken;
}

Distribution finish_moments(const SampleParts& parts, const FixedPoint& scale, const DistributionLevels& levels) {
    Distribution figures;
    finish_moments(parts, scale, levels, figures);
    return figures;
}

LowValues take_low_values(const double* values, std::size_t count, double edge, double scale) {
    LowValues low;
    for (std::size_t i = 0; i < count; ++i) {
        if (values[i] < edge) {
            low.below.add(std::llrint(values[i] * scale));
            ++low.count;
        }
        low.losses += values[i] < 0.0 ? 1 : 0;
    }
    return low;
}

void collect_ranks(std::span<const double> values, const RanksNeeded& needed, const FixedPoint& scale,
                   DistributionScratch& scratch, SampleParts& parts, TakeLowValues take_low) {
    parts.count = values.size();
    scratch.selection.select(values, needed.ranks);
    parts.at_rank.resize(needed.ranks.size());
    for (std::size_t r = 0; r < needed.ranks.size(); ++r) {
        parts.at_rank[r] = scratch.selection.at_rank(needed.ranks[r]);
    }
    // The tail is what lies below its edge, and of the values at the edge as many as its rank asks for.
    const double edge = parts.at_rank[needed.tail];
    LowValues low;
    in_stretches(values.size(), [&](std::size_t begin, std::size_t end) {
        const LowValues part = take_low(values.data() + begin, end - begin, edge, 1.0 / scale.unit());
        low.below.add(part.below);
        low.count += part.count;
        low.losses += part.losses;
    });
    parts.losses = low.losses;
    parts.tail = low.below;
    parts.tail.add(scale.units(edge), needed.tail_rank() - low.count);
}

Distribution distribution_of(std::span<const double> values, const FixedPoint& scale, const DistributionLevels& levels,
                             DistributionScratch& scratch) {
    const RanksNeeded needed = needed_ranks(values.size(), levels);
    std::vector<std::int64_t> units(values.size());
    static_cast<void>(scale.to_units(values, units));
    SampleParts parts;
    parts.all = sums_of(units);
    collect_ranks(values, needed, scale, scratch, parts);
    return finish(parts, needed, scale, levels);
}

Distribution distribution_of(std::span<const double> values, const FixedPoint& scale,
                             const DistributionLevels& levels) {
    DistributionScratch scratch;
    return distribution_of(values, scale, levels, scratch);
}

}  // namespace clv
