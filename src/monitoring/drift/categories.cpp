#include "clv/monitoring/drift/categories.hpp"

#include <cmath>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "monitoring/drift/chi_squared.hpp"
#include "monitoring/drift/parted.hpp"

namespace clv {

namespace {

constexpr double least_for_chi_squared = 5.0;

/// More draws than this for a resample, and the rarest are put together instead.
constexpr std::size_t most_draws = 2'000;

double chi_squared_of(std::span<const PairCount> counts, const SampleSizes& sizes) {
    // Both cells of a category are off by the same count: 1/e + 1/(t - e) = 1 / (t f (1 - f)) with e = t f.
    const double share = static_cast<double>(sizes.current) / static_cast<double>(sizes.total());
    double sum = 0.0;
    for (const PairCount& count : counts) {
        const auto total = static_cast<double>(count.total());
        const double off = static_cast<double>(count.current) - total * share;
        sum += off * off / total;
    }
    return sum / (share * (1.0 - share));
}

/// Share of tables with these totals that are as far apart.
double resampled_p(PartedCategories& parted, const SampleSizes& sizes, double seen,
                   const CategoryTestSettings& settings) {
    const double as_far = seen * (1.0 - 1e-12);  // the same counts in another order of terms are as far
    std::uint32_t reached = 0;
    for (std::uint32_t resample = 0; resample < settings.most_resamples; ++resample) {
        reached += chi_squared_of(parted.part(resample), sizes) >= as_far ? 1 : 0;
        if (reached == settings.enough) {
            return static_cast<double>(reached) / (resample + 1.0);
        }
    }
    return (reached + 1.0) / (settings.most_resamples + 1.0);
}

}  // namespace

CategoryTest compare_categories(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current,
                                const CategoryTestSettings& settings) {
    if (settings.most_resamples == 0 || settings.enough == 0) {
        throw ConfigError("a test of categories needs at least 1 resample (most_resamples, enough)");
    }
    std::vector<PairCount> counts = pair_counts(baseline, current);
    const SampleSizes sizes = sizes_of(counts);
    CategoryTest test;
    if (smallest_expected(counts) < least_for_chi_squared) {
        PartedCategories parted(counts, settings.seed);
        std::vector<PairCount> groups = group_rare(counts, least_for_chi_squared);
        test.resampled = parted.draws() <= most_draws || groups.size() == 1;
        if (test.resampled) {
            test.p_value = resampled_p(parted, sizes, chi_squared_of(counts, sizes), settings);
        } else {
            counts = std::move(groups);
        }
    }
    test.groups = counts.size();
    test.chi_squared = chi_squared_of(counts, sizes);
    test.cramers_v = std::sqrt(test.chi_squared / static_cast<double>(sizes.total()));
    if (!test.resampled && test.groups > 1) {
        test.p_value = chi_squared_tail(test.chi_squared, static_cast<double>(test.groups - 1));
    }
    return test;
}

}  // namespace clv
