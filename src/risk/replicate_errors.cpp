#include "clv/risk/replicate_errors.hpp"

#include <algorithm>
#include <cmath>

#include "clv/core/instruction_clones.hpp"

namespace clv {

namespace {

/// Sums by replicate of the high and the low halves of units, neither of which overflows.
struct HalfSums {
    std::int64_t high[replicates] = {};
    std::int64_t low[replicates] = {};
};

/// Values below a number, and up to it, by replicate.
struct Counts {
    std::uint32_t below[replicates] = {};
    std::uint32_t up_to[replicates] = {};
};

constexpr std::size_t whole(std::size_t count) {
    return count / replicates * replicates;
}

CLV_CLONES void add_halves(const std::int64_t* units, std::size_t count, HalfSums& sums) {
    for (std::size_t first = 0; first < whole(count); first += replicates) {
        for (std::size_t r = 0; r < replicates; ++r) {
            sums.high[r] += units[first + r] >> 32;
            sums.low[r] += units[first + r] & 0xffffffff;
        }
    }
    for (std::size_t at = whole(count); at < count; ++at) {
        sums.high[at % replicates] += units[at] >> 32;
        sums.low[at % replicates] += units[at] & 0xffffffff;
    }
}

CLV_CLONES void count_below(const double* values, std::size_t count, double edge, Counts& counts) {
    for (std::size_t first = 0; first < whole(count); first += replicates) {
        for (std::size_t r = 0; r < replicates; ++r) {
            counts.below[r] += values[first + r] < edge ? 1U : 0U;
            counts.up_to[r] += values[first + r] <= edge ? 1U : 0U;
        }
    }
    for (std::size_t at = whole(count); at < count; ++at) {
        counts.below[at % replicates] += values[at] < edge ? 1U : 0U;
        counts.up_to[at % replicates] += values[at] <= edge ? 1U : 0U;
    }
}

/// Standard deviation of a sum over `count` paths, from the sums of the replicates.
template <class Total>
double error_of_sum(std::size_t count, Total total) {
    const std::size_t groups = std::min<std::size_t>(count, replicates);
    if (groups < 2) {
        return 0.0;
    }
    const auto n = static_cast<Wide>(count);
    Wide all = 0;
    for (std::size_t r = 0; r < groups; ++r) {
        all += total(r);
    }
    double squares = 0.0;
    for (std::size_t r = 0; r < groups; ++r) {
        const auto paths = static_cast<Wide>((count - r - 1) / replicates + 1);
        const double off = static_cast<double>(total(r) * n - paths * all) / static_cast<double>(count);
        squares += off * off;
    }
    const auto of = static_cast<double>(groups);
    return std::sqrt(squares * of / (of - 1.0));
}

/// Standard deviation of the number of values below a quantile at this rank: at the nearer end of those that equal it.
double rank_spread(std::span<const double> values, double quantile, std::uint64_t rank) {
    Counts counts;
    count_below(values.data(), values.size(), quantile, counts);
    std::uint64_t below = 0;
    std::uint64_t up_to = 0;
    for (std::size_t r = 0; r < replicates; ++r) {
        below += counts.below[r];
        up_to += counts.up_to[r];
    }
    const std::uint32_t* nearer = rank - below < up_to - rank ? counts.below : counts.up_to;
    return error_of_sum(values.size(), [nearer](std::size_t r) { return static_cast<Wide>(nearer[r]); });
}

}  // namespace

double replicate_mean_error(std::span<const std::int64_t> units, double unit) {
    HalfSums halves;
    add_halves(units.data(), units.size(), halves);
    const auto total = [&](std::size_t r) { return static_cast<Wide>(halves.high[r]) * 0x100000000 + halves.low[r]; };
    return error_of_sum(units.size(), total) / static_cast<double>(units.size()) * unit;
}

double replicate_mean_error(std::span<const double> values, const FixedPoint& scale, ReplicateScratch& scratch) {
    scratch.units.resize(values.size());
    static_cast<void>(scale.to_units(values, scratch.units));
    return replicate_mean_error(scratch.units, scale.unit());
}

double replicate_gain_error(std::span<const double> values, std::span<const double> without, const FixedPoint& scale,
                            ReplicateScratch& scratch) {
    scratch.units.resize(values.size());
    scratch.units_without.resize(values.size());
    static_cast<void>(scale.to_units(values, scratch.units));
    static_cast<void>(scale.to_units(without, scratch.units_without));
    for (std::size_t i = 0; i < values.size(); ++i) {
        scratch.units[i] -= scratch.units_without[i];
    }
    return replicate_mean_error(scratch.units, scale.unit());
}

void replicate_rank_errors(std::span<const double> values, const SampleParts& parts, const RanksNeeded& needed,
                           const FixedPoint& scale, const DistributionLevels& levels, ReplicateScratch& scratch,
                           ReplicateErrors& errors) {
    scratch.nodes.clear();
    for (const RanksNeeded::Quantile& quantile : needed.quantiles) {
        const std::uint64_t rank = needed.ranks[quantile.at];
        scratch.nodes.push_back(
            ranks_around(values.size(), rank, rank_spread(values, parts.at_rank[quantile.at], rank)));
    }
    errors.quantiles.clear();
    if (!scratch.nodes.empty()) {
        Selection& selection = scratch.distribution.selection;
        selection.select(values, std::span(scratch.nodes.front().data(), scratch.nodes.size() * rank_nodes));
        for (const auto& ranks : scratch.nodes) {
            std::array<double, rank_nodes> at{};
            std::ranges::transform(ranks, at.begin(), [&](std::uint64_t rank) { return selection.at_rank(rank); });
            errors.quantiles.push_back(error_over_nodes(at));
        }
    }
    const std::int64_t edge = scale.units(parts.at_rank[needed.tail]);
    scratch.units.resize(values.size());
    static_cast<void>(scale.to_units(values, scratch.units));
    for (std::int64_t& units : scratch.units) {
        units = std::max<std::int64_t>(edge - units, 0);
    }
    errors.cvar = replicate_mean_error(scratch.units, scale.unit()) / levels.cvar.value();
}

Distribution distribution_of_replicates(std::span<const double> values, const FixedPoint& scale,
                                        const DistributionLevels& levels) {
    ReplicateScratch scratch;
    ReplicateErrors errors;
    const RanksNeeded needed = needed_ranks(values.size(), levels, RankErrors::none);
    scratch.units.resize(values.size());
    static_cast<void>(scale.to_units(values, scratch.units));
    scratch.parts.all = sums_of(scratch.units);
    collect_ranks(values, needed, scale, scratch.distribution, scratch.parts);
    Distribution figures = finish(scratch.parts, needed, scale, levels);
    replicate_rank_errors(values, scratch.parts, needed, scale, levels, scratch, errors);
    figures.se = replicate_mean_error(values, scale, scratch);
    figures.quantile_se = errors.quantiles;
    figures.cvar_se = errors.cvar;
    return figures;
}

}  // namespace clv
