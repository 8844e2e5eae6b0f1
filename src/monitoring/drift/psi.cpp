#include "clv/monitoring/drift/psi.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/random/elementary.hpp"
#include "monitoring/drift/chi_squared.hpp"
#include "monitoring/drift/parted.hpp"

namespace clv {

namespace {

constexpr double least_for_law = 100.0;
constexpr std::size_t most_draws_of_part = 10'000;  // for a resample, or the rarest are put together instead
constexpr std::size_t most_bins = 1'000;

void check_settings(const PsiSettings& settings) {
    if (settings.bins < 2 || settings.bins > most_bins) {
        throw ConfigError(fmt::format("a stability index has {} bins: give 2 to {} (bins)", settings.bins, most_bins));
    }
    if (!(settings.level > 0.0 && settings.level < 1.0)) {
        throw ConfigError(
            fmt::format("a stability index has level {}: give one between 0 and 1 (level)", settings.level));
    }
    if (settings.resamples == 0) {
        throw ConfigError("a stability index needs at least 1 resample (resamples)");
    }
}

double index_of(std::span<const PairCount> counts, const SampleSizes& sizes) {
    const auto share = [](std::uint64_t count, std::uint64_t size) {
        return std::max(static_cast<double>(count), 0.5) / static_cast<double>(size);
    };
    double sum = 0.0;
    for (const PairCount& count : counts) {
        const double p = share(count.baseline, sizes.baseline);
        const double q = share(count.current, sizes.current);
        sum += (q - p) * elementary::log(q / p);
    }
    return sum;
}

/// By the law of chi^2.
void take_law(Psi& psi, const SampleSizes& sizes, double level) {
    if (psi.bins < 2) {
        return;
    }
    const double scale = 1.0 / static_cast<double>(sizes.baseline) + 1.0 / static_cast<double>(sizes.current);
    const auto degrees = static_cast<double>(psi.bins - 1);
    psi.p_value = chi_squared_tail(psi.value / scale, degrees);
    psi.threshold = scale * chi_squared_quantile(level, degrees);
}

/// Counts by bins of a resample.
using PartAnew = std::function<std::span<const PairCount>(std::uint32_t resample)>;

void take_resamples(Psi& psi, const SampleSizes& sizes, const PsiSettings& settings, const PartAnew& part) {
    std::vector<double> values(settings.resamples);
    for (std::uint32_t resample = 0; resample < settings.resamples; ++resample) {
        values[resample] = index_of(part(resample), sizes);
    }
    const double as_far = psi.value * (1.0 - 1e-12);  // the same counts in another order of terms are as far
    const auto reached = std::ranges::count_if(values, [&](double value) { return value >= as_far; });
    const double all = settings.resamples + 1.0;
    psi.p_value = (static_cast<double>(reached) + 1.0) / all;
    // The least value whose p-value would be at most the level is just above this one.
    const auto above = std::min<std::size_t>(static_cast<std::size_t>(settings.level * all), values.size());
    std::ranges::sort(values, std::greater<>());
    psi.threshold = values[above == 0 ? 0 : above - 1];
    psi.resampled = true;
}

/// Customers of either sample up to the end of a bin.
using UpTo = PairCount;

/// Bins at quantiles of the baseline. `up_to(rank)`: customers whose value is at most that of the baseline at `rank`.
template <class UpToRank>
void count_bins(const SampleSizes& sizes, std::size_t bins, UpToRank up_to, std::vector<PairCount>& counts) {
    counts.clear();
    UpTo last;
    const std::uint64_t n = sizes.baseline;
    for (std::uint64_t k = 1; k < bins; ++k) {
        const std::uint64_t rank = (k * n + bins - 1) / bins - 1;
        const UpTo end = up_to(rank);
        if (2 * bins * (end.baseline - last.baseline) >= n && 2 * bins * (n - end.baseline) >= n) {
            counts.push_back({end.baseline - last.baseline, end.current - last.current});
            last = end;
        }
    }
    counts.push_back({n - last.baseline, sizes.current - last.current});
}

/// Numbers of two samples put together and parted anew.
class PartedNumbers {
  public:
    PartedNumbers(std::span<const double> baseline, std::span<const double> current, std::uint64_t seed)
        : sizes_{baseline.size(), current.size()}, distinct_(sizes_.total(), seed) {
        std::vector<double> all(sizes_.total());
        std::ranges::merge(baseline, current, all.begin());
        group_end_.resize(all.size());
        for (std::size_t end = all.size(), place = all.size(); place-- > 0;) {
            end = place + 1 < all.size() && all[place] == all[place + 1] ? end : place + 1;
            group_end_[place] = static_cast<std::uint32_t>(end);
        }
    }
    std::span<const PairCount> part(std::uint32_t resample, std::size_t bins) {
        drawn_ = distinct_.draw_sorted(resample, sizes_.smaller());
        count_bins(
            sizes_, bins, [&](std::uint64_t rank) { return up_to(rank); }, counts_);
        return counts_;
    }

  private:
    [[nodiscard]] UpTo up_to(std::uint64_t rank) const {
        const bool baseline_is_drawn = sizes_.baseline <= sizes_.current;
        const std::uint64_t end = group_end_[baseline_is_drawn ? drawn_[rank] : not_drawn(rank)];
        const auto drawn = static_cast<std::uint64_t>(std::ranges::lower_bound(drawn_, end) - drawn_.begin());
        return baseline_is_drawn ? UpTo{drawn, end - drawn} : UpTo{end - drawn, drawn};
    }
    /// Place of those not drawn, by rank: as many more as were drawn before it.
    [[nodiscard]] std::uint64_t not_drawn(std::uint64_t rank) const {
        std::uint64_t low = 0;
        std::uint64_t high = drawn_.size();
        while (low < high) {
            const std::uint64_t middle = (low + high) / 2;
            if (drawn_[middle] - middle <= rank) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return rank + low;
    }

    SampleSizes sizes_;
    DistinctDraws distinct_;
    std::vector<std::uint32_t> group_end_;  ///< [place among all]: after the last of those equal to it
    std::span<const std::uint32_t> drawn_;  ///< places of the smaller sample, ascending
    std::vector<PairCount> counts_;
};

}  // namespace

Psi psi_of_numbers(std::span<const double> baseline, std::span<const double> current, const PsiSettings& settings) {
    check_settings(settings);
    const SampleSizes sizes{baseline.size(), current.size()};
    if (sizes.smaller() == 0 || std::max(sizes.baseline, sizes.current) > most_customers) {
        throw InputError(fmt::format("{} values in the baseline and {} in the current sample: either needs 1 to {}",
                                     sizes.baseline, sizes.current, most_customers));
    }
    const auto up_to = [](std::span<const double> values, double end) {
        return static_cast<std::uint64_t>(std::ranges::upper_bound(values, end) - values.begin());
    };
    std::vector<PairCount> counts;
    count_bins(
        sizes, settings.bins,
        [&](std::uint64_t rank) {
            return UpTo{up_to(baseline, baseline[rank]), up_to(current, baseline[rank])};
        },
        counts);
    Psi psi;
    psi.value = index_of(counts, sizes);
    psi.bins = counts.size();
    // By the baseline's shares, which do not depend on whether the current sample is like it.
    const double share = static_cast<double>(std::ranges::min(counts, {}, &PairCount::baseline).baseline) /
                         static_cast<double>(sizes.baseline);
    if (share * static_cast<double>(sizes.smaller()) >= least_for_law) {
        take_law(psi, sizes, settings.level);
    } else {
        PartedNumbers parted(baseline, current, settings.seed);
        take_resamples(psi, sizes, settings,
                       [&](std::uint32_t resample) { return parted.part(resample, settings.bins); });
    }
    return psi;
}

Psi psi_of_categories(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current,
                      const PsiSettings& settings) {
    check_settings(settings);
    std::vector<PairCount> counts = pair_counts(baseline, current);
    const SampleSizes sizes = sizes_of(counts);
    Psi psi;
    if (smallest_expected(counts) < least_for_law) {
        PartedCategories parted(counts, settings.seed);
        std::vector<PairCount> groups = group_rare(counts, least_for_law);
        if (parted.draws() <= most_draws_of_part || groups.size() == 1) {
            psi.value = index_of(counts, sizes);
            psi.bins = counts.size();
            take_resamples(psi, sizes, settings, [&](std::uint32_t resample) { return parted.part(resample); });
            return psi;
        }
        counts = std::move(groups);
    }
    psi.value = index_of(counts, sizes);
    psi.bins = counts.size();
    take_law(psi, sizes, settings.level);
    return psi;
}

}  // namespace clv
