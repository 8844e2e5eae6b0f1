// Customers drawn anew: who is drawn, what follows for an estimate; and the tenths of a ranking.

#include "clv/risk/resampled.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "clv/random/philox.hpp"

namespace clv {
namespace {

std::vector<Times> times_of(std::size_t customers, std::uint64_t seed, std::uint32_t index) {
    std::vector<Times> times(customers);
    draw_customers(seed, index, times);
    return times;
}

TEST(Resampled, CustomersAreThoseOfTheirAddress) {
    constexpr std::uint64_t seed = 0x123456789abcdefULL;
    constexpr std::uint32_t index = 0x400007;
    for (const std::size_t customers : {1U, 2U, 7U, 1'024U, 2'001U}) {
        std::vector<Times> expected(customers, 0);
        for (std::uint32_t draw = 0; draw < customers; ++draw) {
            const auto block =
                philox<std::uint32_t>(draw_address(Purpose::resample, index), draw / 2, 0U, 0U,
                                      static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
            const std::size_t half = draw % 2 * 2;
            const auto word = static_cast<long double>(std::uint64_t{block.word[half]} << 32 | block.word[half + 1]);
            ++expected[static_cast<std::size_t>(word * static_cast<long double>(customers) * 0x1p-64L)];
        }
        EXPECT_EQ(times_of(customers, seed, index), expected) << customers;
    }
}

TEST(Resampled, TimesAreThoseOfDrawsWithReplacement) {
    constexpr std::size_t customers = 100'000;
    const std::vector<Times> times = times_of(customers, 5, 0x400000);
    EXPECT_EQ(std::accumulate(times.begin(), times.end(), std::size_t{0}), customers);
    // nobody draws a customer with probability (1 - 1/n)^n; the variance of their number is n (1/e - 2/e^2)
    const auto without = static_cast<double>(std::ranges::count(times, Times{0}));
    EXPECT_NEAR(without, customers / M_E, 4.0 * std::sqrt(customers * (1.0 / M_E - 2.0 / (M_E * M_E))));
    EXPECT_NE(times, times_of(customers, 5, 0x400001));
    EXPECT_NE(times, times_of(customers, 6, 0x400000));
}

TEST(Resampled, EveryPlaceIsDrawnAlike) {
    constexpr std::size_t customers = 1'000;
    constexpr std::uint32_t draws = 400;
    std::vector<double> sum(customers, 0.0);
    for (std::uint32_t k = 0; k < draws; ++k) {
        const std::vector<Times> times = times_of(customers, 9, 0x400000 + k);
        std::ranges::transform(sum, times, sum.begin(), std::plus<>());
    }
    double chi_square = 0.0;
    for (const double each : sum) {
        chi_square += (each - draws) * (each - draws) / draws;
    }
    EXPECT_NEAR(chi_square, customers - 1.0, 4.0 * std::sqrt(2.0 * customers));
}

TEST(Resampled, ErrorAndIntervalOfAnEstimate) {
    std::vector<double> values(200);
    std::iota(values.rbegin(), values.rend(), 1.0);
    const Estimate estimate = bootstrap_estimate("auc", "probability", 90.0, values);
    EXPECT_EQ(estimate.name, "auc");
    EXPECT_EQ(estimate.value, 90.0);
    EXPECT_NEAR(estimate.se, std::sqrt(200.0 * 201.0 / 12.0), 1e-12);  // of 1..n: n (n + 1) / 12
    EXPECT_EQ(estimate.low, 5.0);                                      // floor(0.025 x 201)
    EXPECT_EQ(estimate.high, 196.0);
    EXPECT_EQ(estimate.method, "bootstrap over customers, 200 resamples, 95% percentile interval");
}

TEST(Resampled, WhatIsUndefinedIsLeftOutAndCounted) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const Estimate some = bootstrap_estimate("auc", "", 1.0, std::vector{nan, 1.0, 3.0, nan});
    EXPECT_NEAR(some.se, std::sqrt(2.0), 1e-15);  // sd of 1 and 3
    EXPECT_EQ(some.low, 1.0);
    EXPECT_EQ(some.high, 3.0);
    EXPECT_NE(some.method.find("undefined in 2"), std::string::npos);
    EXPECT_TRUE(std::isnan(bootstrap_estimate("auc", "", 1.0, std::vector{nan, 1.0, nan}).se));
    EXPECT_TRUE(std::isnan(bootstrap_estimate("auc", "", nan, std::vector{1.0, 2.0}).low));
}

TEST(Resampled, ScoresHaveTheirIndexAndNoThread) {
    const auto scores_of = [](int threads, std::uint32_t first) {
        return score_resamples(100, 2, {.seed = 3, .draws = 20, .threads = threads, .first_index = first},
                               [](std::size_t /*slot*/, std::span<const Times> times, std::span<double> scores) {
                                   scores[0] = times[0];
                                   scores[1] = std::inner_product(times.begin(), times.end(), times.begin(), 0.0);
                               });
    };
    const auto one = scores_of(1, 0x400000);
    EXPECT_EQ(one, scores_of(3, 0x400000));
    const auto later = scores_of(2, 0x400005);
    for (std::size_t draw = 0; draw < 15; ++draw) {
        EXPECT_EQ(later[1][draw], one[1][draw + 5]);
    }
    EXPECT_THROW((void)scores_of(1, 0xffffed), std::invalid_argument);
    EXPECT_NO_THROW((void)scores_of(1, 0xffffec));
    EXPECT_THROW((void)score_resamples(5, 1, {.draws = 1}, [](auto, auto, auto) {}), std::invalid_argument);
}

TEST(Resampled, RowsAreInTheOrderOfTheirHash) {
    const std::vector<std::uint64_t> hashes{30, ~std::uint64_t{0}, 10, 20};
    EXPECT_EQ(rows_by_hash(hashes), (std::vector<std::uint32_t>{2, 3, 0, 1}));
}

TEST(Resampled, RankingsKeepTiesTogether) {
    const Ranking ranking = ranking_of(std::vector{1.0, 3.0, -0.0, 3.0, 0.0});
    EXPECT_EQ(ranking.place, (std::vector<std::uint32_t>{1, 3, 0, 2, 4}));
    EXPECT_EQ(ranking.end, (std::vector<std::uint32_t>{2, 3, 5}));
}

TEST(Resampled, DecilesShareTies) {
    // of 20 customers 4 are predicted at 0.9, three with the event, and 16 at 0.1, one with it
    DecileSums sums(20);
    sums.add(4, 3.6, 3);
    sums.add(16, 1.6, 1);
    const std::vector<Decile> deciles = sums.deciles();
    ASSERT_EQ(deciles.size(), 10U);
    for (std::size_t d = 0; d < 10; ++d) {
        const bool is_high = d < 2;  // two customers each: 2 x 3/4 events, or 2 x 1/16
        EXPECT_NEAR(deciles[d].customers, 2.0, 1e-12);
        EXPECT_NEAR(deciles[d].mean_predicted, is_high ? 0.9 : 0.1, 1e-12);
        EXPECT_NEAR(deciles[d].mean_actual, is_high ? 0.75 : 0.0625, 1e-12);
        EXPECT_NEAR(deciles[d].lift, is_high ? 3.75 : 0.3125, 1e-12);  // over 4 / 20
        EXPECT_NEAR(deciles[d].gain,
                    is_high ? 0.375 * static_cast<double>(d + 1) : 0.75 + 0.03125 * (static_cast<double>(d) - 1.0),
                    1e-12);
    }
}

TEST(Resampled, DecilesNeedNotBeWhole) {
    DecileSums sums(25);
    for (int i = 25; i > 0; --i) {
        sums.add(1, i, 2 * i);
    }
    const std::vector<Decile> deciles = sums.deciles();
    EXPECT_NEAR(deciles[0].mean_predicted, (25 + 24 + 0.5 * 23) / 2.5, 1e-12);
    EXPECT_NEAR(deciles[1].mean_predicted, (0.5 * 23 + 22 + 21) / 2.5, 1e-12);
    EXPECT_NEAR(deciles[9].mean_actual, 2.0 * (0.5 * 3 + 2 + 1) / 2.5, 1e-12);
    EXPECT_NEAR(deciles[9].gain, 1.0, 1e-12);
    double customers = 0.0;
    for (const Decile& decile : deciles) {
        customers += decile.customers;
    }
    EXPECT_NEAR(customers, 25.0, 1e-12);
}

TEST(Resampled, DecilesOfFewAndOfNothing) {
    DecileSums few(3);
    few.add(1, 5.0, -1.0);
    few.add(2, 2.0, 1.0);
    EXPECT_NEAR(few.deciles()[3].customers, 0.3, 1e-12);  // 0.1 of the first and 0.2 of the others
    EXPECT_NEAR(few.deciles()[3].mean_predicted, (0.1 * 5.0 + 0.2 * 1.0) / 0.3, 1e-12);
    EXPECT_TRUE(std::isnan(few.deciles()[0].lift));
    EXPECT_TRUE(std::isnan(few.deciles()[9].gain));
}

}  // namespace
}  // namespace clv
