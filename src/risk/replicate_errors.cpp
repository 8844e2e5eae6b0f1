#include "clv/risk/replicate_errors.hpp"

#include <cmath>

#include "clv/core/instruction_clones.hpp"

namespace clv {

namespace {

/// Sums by replicate of the high and the low halves of units, neither of which overflows.
struct HalfSums {
    std::int64_t high[replicates] = {};
    std::int64_t low[replicates] = {};
};

CLV_CLONES void add_halves(const std::int64_t* units, std::size_t count, HalfSums& sums) {
    for (std::size_t first = 0; first < count; first += replicates) {
        for (std::size_t r = 0; r < replicates; ++r) {
            sums.high[r] += units[first + r] >> 32;
            sums.low[r] += units[first + r] & 0xffffffff;
        }
    }
}

CLV_CLONES void sort_by_replicate(const double* values, std::size_t points, double* by_replicate) {
    for (std::size_t point = 0; point < points; ++point) {
        for (std::size_t r = 0; r < replicates; ++r) {
            by_replicate[r * points + point] = values[point * replicates + r];
        }
    }
}

}  // namespace

double replicate_error(const std::array<double, replicates>& estimates) {
    constexpr double count = replicates;
    double mean = 0.0;
    for (const double estimate : estimates) {
        mean += (estimate - estimates[0]) / count;
    }
    double squares = 0.0;
    for (const double estimate : estimates) {
        const double distance = (estimate - estimates[0]) - mean;
        squares += distance * distance;
    }
    return std::sqrt(squares / (count - 1.0) / count);
}

double replicate_mean_error(std::span<const std::int64_t> units, double unit) {
    HalfSums halves;
    add_halves(units.data(), units.size(), halves);
    std::array<double, replicates> mean{};
    const auto points = static_cast<double>(units.size() / replicates);
    const auto total = [&](std::size_t r) { return static_cast<Wide>(halves.high[r]) * 0x100000000 + halves.low[r]; };
    for (std::size_t r = 0; r < replicates; ++r) {
        mean[r] = static_cast<double>(total(r) - total(0)) / points * unit;  // the same spread, without its level
    }
    return replicate_error(mean);
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

void replicate_rank_errors(std::span<const double> values, const FixedPoint& scale, const DistributionLevels& levels,
                           ReplicateScratch& scratch, ReplicateErrors& errors, TakeLowValues take_low) {
    const std::size_t points = values.size() / replicates;
    if (scratch.needed_count != points) {
        find_ranks(points, levels, RankErrors::none, scratch.needed);
        scratch.needed_count = points;
    }
    scratch.by_replicate.resize(values.size());
    sort_by_replicate(values.data(), points, scratch.by_replicate.data());
    scratch.quantiles.resize(levels.quantiles.size());
    std::array<double, replicates> cvar{};
    for (std::size_t r = 0; r < replicates; ++r) {
        collect_ranks(std::span(scratch.by_replicate).subspan(r * points, points), scratch.needed, scale,
                      scratch.distribution, scratch.parts, take_low);
        for (std::size_t level = 0; level < scratch.quantiles.size(); ++level) {
            scratch.quantiles[level][r] = scratch.parts.at_rank[scratch.needed.quantiles[level].at];
        }
        cvar[r] = tail_mean(scratch.parts, scratch.needed, scale, levels.cvar);
    }
    errors.quantiles.clear();
    for (const auto& estimates : scratch.quantiles) {
        errors.quantiles.push_back(replicate_error(estimates));
    }
    errors.cvar = replicate_error(cvar);
}

Distribution distribution_of_replicates(std::span<const double> values, const FixedPoint& scale,
                                        const DistributionLevels& levels) {
    ReplicateScratch scratch;
    ReplicateErrors errors;
    Distribution figures = distribution_of(values, scale, levels, scratch.distribution);
    replicate_rank_errors(values, scale, levels, scratch, errors);
    figures.se = replicate_mean_error(values, scale, scratch);
    figures.quantile_se = errors.quantiles;
    figures.cvar_se = errors.cvar;
    return figures;
}

}  // namespace clv
