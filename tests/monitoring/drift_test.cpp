// Categories, stability index, false discoveries and effect sizes.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/monitoring/drift/categories.hpp"
#include "clv/monitoring/drift/effect_size.hpp"
#include "clv/monitoring/drift/false_discovery.hpp"
#include "clv/monitoring/drift/psi.hpp"
#include "support/sorted_samples.hpp"

namespace clv {
namespace {

using Counts = std::vector<std::uint64_t>;

Counts draw_counts(std::mt19937_64& engine, const std::vector<double>& shares, std::uint64_t size) {
    Counts counts;
    double rest = 1.0;
    std::uint64_t left = size;
    for (const double share : shares) {
        const double of_rest = std::min(1.0, share / rest);
        counts.push_back(counts.size() + 1 == shares.size()
                             ? left
                             : std::binomial_distribution<std::uint64_t>(left, of_rest)(engine));
        left -= counts.back();
        rest -= share;
    }
    return counts;
}

/// A share of false alarms that is at its level, by three standard errors.
void expect_at_level(int alarms, int repetitions, double level = 0.05) {
    EXPECT_NEAR(alarms / double(repetitions), level, 3.0 * std::sqrt(level * (1.0 - level) / repetitions));
}

TEST(Categories, ByHand) {
    // expected 20, 30, 50 and 10, 15, 25
    const CategoryTest test = compare_categories(Counts{25, 25, 50}, Counts{5, 20, 25});
    EXPECT_NEAR(test.chi_squared, 25.0 / 20 + 25.0 / 30 + 25.0 / 10 + 25.0 / 15, 1e-12);
    EXPECT_NEAR(test.p_value, std::exp(-test.chi_squared / 2.0), 1e-12);  // two degrees of freedom
    EXPECT_NEAR(test.cramers_v, std::sqrt(test.chi_squared / 150.0), 1e-15);
    EXPECT_FALSE(test.resampled);
    EXPECT_NEAR(compare_categories(Counts{40, 0, 0}, Counts{0, 30, 50}).cramers_v, 1.0, 1e-12);
    EXPECT_EQ(compare_categories(Counts{40, 0}, Counts{30, 0}).p_value, 1.0);
}

TEST(Categories, SmallCountsAreExact) {
    // Fisher's tea: of C(8, 4) = 70 tables 2 are as far apart as 4 and 0, 34 as 3 and 1
    const CategoryTestSettings settings{.seed = 3, .most_resamples = 99'999, .enough = 5'000};
    EXPECT_NEAR(compare_categories(Counts{4, 0}, Counts{0, 4}, settings).p_value, 2.0 / 70.0, 0.0015);
    EXPECT_NEAR(compare_categories(Counts{3, 1}, Counts{1, 3}, settings).p_value, 34.0 / 70.0, 0.02);
    // By its rare customers, with large samples: 3 of 3 in a sample that holds a fifth of all
    const CategoryTest rare = compare_categories(Counts{400'000, 0}, Counts{99'997, 3}, settings);
    EXPECT_TRUE(rare.resampled);
    EXPECT_NEAR(rare.p_value, 0.008, 0.001);
    // and the baseline the smaller one
    EXPECT_NEAR(compare_categories(Counts{99'997, 3}, Counts{400'000, 0}, settings).p_value, 0.008, 0.001);
}

TEST(Categories, FlagOneInTwentyWithoutDrift) {
    std::mt19937_64 engine(21);
    std::vector<double> rare(40, 0.3 / 39.0);
    rare[7] = 0.7;
    constexpr int repetitions = 1'000;
    for (const auto& [m, n] : {std::pair{60, 200}, {1'000, 400}, {300'000, 20'000}}) {
        int alarms = 0;
        for (int repetition = 0; repetition < repetitions; ++repetition) {
            const Counts before = draw_counts(engine, rare, static_cast<std::uint64_t>(m));
            const Counts now = draw_counts(engine, rare, static_cast<std::uint64_t>(n));
            alarms +=
                compare_categories(before, now, {.seed = static_cast<std::uint64_t>(repetition), .most_resamples = 499})
                            .p_value <= 0.05
                    ? 1
                    : 0;
        }
        SCOPED_TRACE(m);
        expect_at_level(alarms, repetitions);
    }
}

TEST(Categories, RareOnesOfLargeSamplesAreGroupedAndFound) {
    Counts before(2'000, 10);
    Counts now(2'000, 6);
    before[0] = 90'000;
    now[0] = 10'000;
    const CategoryTest same = compare_categories(before, now);
    EXPECT_FALSE(same.resampled);
    EXPECT_LT(same.groups, before.size());
    before[1] = 0;
    now[1] = 300;
    EXPECT_LT(compare_categories(before, now).p_value, 1e-6);
}

TEST(Categories, FewOfManyAreFoundWhereNoneOfThemWasExpected) {
    const Counts before{9'990'000, 10'000};
    const Counts now{2'000, 500};
    EXPECT_EQ(compare_categories(before, now, {.most_resamples = 499}).p_value, 0.002);
    const Counts more{11'500, 500};
    EXPECT_EQ(psi_of_categories(before, more, {.resamples = 99}).p_value, 0.01);
}

TEST(StabilityIndex, ByHand) {
    const Psi psi = psi_of_categories(Counts{500, 300, 200}, Counts{400, 300, 300});
    EXPECT_NEAR(psi.value, -0.1 * std::log(0.8) + 0.1 * std::log(1.5), 1e-12);
    EXPECT_NEAR(psi.p_value, std::exp(-psi.value / 0.002 / 2.0), 1e-12);
    EXPECT_NEAR(psi.threshold, 0.002 * -2.0 * std::log(0.05), 1e-12);
    EXPECT_FALSE(psi.resampled);
    // an empty bin counts half a customer
    EXPECT_NEAR(psi_of_categories(Counts{10, 10}, Counts{20, 0}).value,
                0.5 * std::log(2.0) + (0.5 / 20 - 0.5) * std::log(0.05), 1e-12);
}

TEST(StabilityIndex, BinsEndAtQuantilesOfTheBaselineAndKeepTies) {
    std::vector<double> before;
    for (int i = 0; i < 1'000; ++i) {
        before.push_back(i);
    }
    std::vector<double> now(1'000, 99.0);  // all in the first of ten bins
    const Psi psi = psi_of_numbers(before, now);
    EXPECT_EQ(psi.bins, 10U);
    EXPECT_NEAR(psi.value, 0.9 * std::log(10.0) + 9.0 * (0.0005 - 0.1) * std::log(0.005), 1e-12);
    std::ranges::fill(now, 100.0);  // and in the second
    EXPECT_NEAR(psi_of_numbers(before, now).value, psi.value, 1e-12);
    std::vector<double> top = before;
    std::ranges::fill(top.begin() + 860, top.begin() + 970, 860.0);  // the quantile at 90% leaves 3%
    EXPECT_EQ(psi_of_numbers(top, top).bins, 9U);
    std::ranges::fill(before.begin(), before.begin() + 835, 0.0);  // 0, and two bins of those above
    EXPECT_EQ(psi_of_numbers(before, before).bins, 3U);
    EXPECT_EQ(psi_of_numbers(before, before).value, 0.0);
    EXPECT_EQ(psi_of_numbers(before, before).p_value, 1.0);
}

/// False alarms of numbers: uniform, or whole numbers with many ties.
void expect_numbers_at_level(std::size_t m, std::size_t n, bool ties, int repetitions) {
    std::mt19937_64 engine(22);
    int alarms = 0;
    int passed = 0;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        std::vector<double> before = sorted_uniforms(engine, m);
        std::vector<double> now = sorted_uniforms(engine, n);
        if (ties) {
            for (auto* sample : {&before, &now}) {
                std::ranges::transform(*sample, sample->begin(), [](double x) { return std::round(6.0 * x * x); });
            }
        }
        const Psi psi = psi_of_numbers(before, now, {.seed = static_cast<std::uint64_t>(repetition), .resamples = 199});
        alarms += psi.p_value <= 0.05 ? 1 : 0;
        passed += psi.value > psi.threshold * (1.0 + 1e-12) ? 1 : 0;
    }
    SCOPED_TRACE(m);
    SCOPED_TRACE(n);
    SCOPED_TRACE(ties);
    expect_at_level(alarms, repetitions);
    EXPECT_EQ(alarms, passed);
}

TEST(StabilityIndex, FalseAlarmsOfSmallSamplesAreAtTheirLevel) {
    expect_numbers_at_level(100, 100, false, 2'000);
    expect_numbers_at_level(100, 2'000, false, 1'000);
    expect_numbers_at_level(2'000, 100, false, 1'000);
    expect_numbers_at_level(150, 100, true, 1'000);
}

TEST(StabilityIndex, FalseAlarmsOfLargerSamplesAreAtTheirLevel) {
    expect_numbers_at_level(1'000, 1'000, false, 1'000);
    expect_numbers_at_level(10'000, 3'000, true, 200);
    std::mt19937_64 engine(23);
    const std::vector<double> shares(10, 0.1);
    for (const std::uint64_t size : {100, 1'000, 10'000, 100'000, 1'000'000}) {
        const int repetitions = size < 10'000 ? 300 : 2'000;
        int alarms = 0;
        for (int repetition = 0; repetition < repetitions; ++repetition) {
            const Counts before = draw_counts(engine, shares, size);
            const Counts now = draw_counts(engine, shares, size);
            alarms += psi_of_categories(before, now, {.seed = static_cast<std::uint64_t>(repetition), .resamples = 199})
                                  .p_value <= 0.05
                          ? 1
                          : 0;
        }
        SCOPED_TRACE(size);
        expect_at_level(alarms, repetitions);
    }
}

/// Long: samples of up to a million numbers.
TEST(StabilityIndexOfMillions, FalseAlarmsAreAtTheirLevel) {
    expect_numbers_at_level(100'000, 100'000, false, 400);
    expect_numbers_at_level(1'000'000, 1'000'000, false, 200);
    expect_numbers_at_level(1'000'000, 500, false, 200);
}

TEST(StabilityIndex, RefusesSettingsOutOfRange) {
    const std::vector<double> some{1.0, 2.0};
    EXPECT_THROW((void)psi_of_numbers(some, some, {.bins = 1}), ConfigError);
    EXPECT_THROW((void)psi_of_numbers(some, some, {.level = 1.0}), ConfigError);
    EXPECT_THROW((void)psi_of_numbers(some, {}), InputError);
    EXPECT_THROW((void)psi_of_categories(Counts{1, 2}, Counts{0, 0}), InputError);
    EXPECT_THROW((void)psi_of_categories(Counts{1, 2}, Counts{1}), std::invalid_argument);
}

TEST(FalseDiscovery, ByHand) {
    const std::vector<double> p{0.04, 0.011, 0.03, 0.9, 0.025};
    const std::vector<double> hochberg = adjusted_p_values(p);
    const std::vector<double> expected{0.05, 0.05, 0.05, 0.9, 0.05};
    const double c = 1.0 + 1.0 / 2 + 1.0 / 3 + 1.0 / 4 + 1.0 / 5;
    const std::vector<double> yekutieli = adjusted_p_values(p, FalseDiscovery::benjamini_yekutieli);
    for (std::size_t k = 0; k < p.size(); ++k) {
        EXPECT_NEAR(hochberg[k], expected[k], 1e-15);
        EXPECT_NEAR(yekutieli[k], std::min(1.0, c * expected[k]), 1e-15);
    }
    EXPECT_NEAR(adjusted_p_values(std::vector{0.001, 0.04})[0], 0.002, 1e-15);
    EXPECT_TRUE(adjusted_p_values({}).empty());
    EXPECT_THROW((void)adjusted_p_values(std::vector{1.5}), std::invalid_argument);
}

TEST(StandardisedDifference, ByHandAndItsErrorCovers) {
    // means 2 and 5, variances 1 and 7
    const Estimate by_hand = standardised_difference(std::vector{1.0, 2.0, 3.0}, std::vector{2.0, 6.0, 7.0});
    EXPECT_NEAR(by_hand.value, 3.0 / std::sqrt(0.5 * (1.0 + 7.0)), 1e-12);
    EXPECT_EQ(standardised_difference(std::vector{1.0, 1.0}, std::vector{1.0, 1.0}).value, 0.0);
    EXPECT_EQ(standardised_difference(std::vector{1.0, 1.0}, std::vector{0.0, 0.0}).value,
              -std::numeric_limits<double>::infinity());
    EXPECT_TRUE(std::isnan(standardised_difference(std::vector{1.0}, std::vector{0.0, 1.0}).value));
    // exponential values, and others 3 standard deviations higher: most of the error is that of the deviation
    std::mt19937_64 engine(24);
    std::exponential_distribution<double> exponential;
    constexpr int repetitions = 500;
    int covered = 0;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        std::vector<double> before(2'000);
        std::vector<double> now(3'000);
        std::ranges::generate(before, [&] { return exponential(engine); });
        std::ranges::generate(now, [&] { return 3.0 + exponential(engine); });
        const Estimate estimate = standardised_difference(before, now);
        covered += estimate.low <= 3.0 && 3.0 <= estimate.high ? 1 : 0;
    }
    expect_at_level(repetitions - covered, repetitions);
}

}  // namespace
}  // namespace clv
