#include "clv/monitoring/drift/ks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "support/sorted_samples.hpp"

namespace clv {
namespace {

/// D m n by its definition, at every value.
std::uint64_t distance_by_counting(const std::vector<double>& a, const std::vector<double>& b) {
    std::int64_t best = 0;
    const auto up_to = [](const std::vector<double>& values, double x) {
        return static_cast<std::int64_t>(std::ranges::upper_bound(values, x) - values.begin());
    };
    for (const auto* sample : {&a, &b}) {
        for (const double x : *sample) {
            best = std::max(best, std::abs(up_to(a, x) * static_cast<std::int64_t>(b.size()) -
                                           up_to(b, x) * static_cast<std::int64_t>(a.size())));
        }
    }
    return static_cast<std::uint64_t>(best);
}

TEST(KolmogorovSmirnov, PublishedExample) {
    std::vector<double> x;
    std::vector<double> y;
    for (int i = 1; i <= 20; ++i) {
        x.push_back(i / 20.0 - 0.01);
    }
    for (int j = 1; j <= 30; ++j) {
        y.push_back(std::pow(j / 30.0, 1.5));
    }
    const KsTest test = ks_test(x, y);
    EXPECT_EQ(ks_distance(x, y), 110U);
    EXPECT_DOUBLE_EQ(test.statistic, 11.0 / 60.0);
    EXPECT_TRUE(test.exact);
    EXPECT_NEAR(test.p_value, 0.771502239664, 1e-12);
    EXPECT_NEAR(kolmogorov_tail(test.statistic * std::sqrt(12.0)), 0.814708903656, 1e-9);
    EXPECT_NEAR(ks_exact_p(111, 20, 30, std::vector<bool>(50, true)), 0.678914, 1e-6);
    EXPECT_EQ(ks_test(y, x).p_value, test.p_value);
}

/// Share of the arrangements of m and n values, with groups of ties that end at the bits of `pattern`, that are at
/// least as far apart, by distance.
std::vector<double> tail_of_all_arrangements(unsigned m, unsigned n, unsigned pattern) {
    std::vector<double> tail(m * n + 2, 0.0);
    double arrangements = 0.0;
    for (unsigned mask = 0; mask < 1U << (m + n); ++mask) {
        if (std::popcount(mask) != static_cast<int>(m)) {
            continue;
        }
        int i = 0;
        int best = 0;
        for (unsigned s = 1; s <= m + n; ++s) {
            i += static_cast<int>(mask >> (s - 1) & 1);
            if ((pattern >> (s - 1) & 1) != 0) {
                best = std::max(best, std::abs(i * static_cast<int>(n + m) - static_cast<int>(s * m)));
            }
        }
        arrangements += 1.0;
        for (int d = 0; d <= best; ++d) {
            tail[static_cast<std::size_t>(d)] += 1.0;
        }
    }
    for (double& share : tail) {
        share /= arrangements;
    }
    return tail;
}

TEST(KolmogorovSmirnov, ExactLawIsThatOfAllArrangementsWithAllTies) {
    for (const auto& [m, n] : {std::pair{1U, 1U}, {1U, 5U}, {3U, 4U}, {4U, 4U}, {5U, 3U}}) {
        for (unsigned pattern = 1U << (m + n - 1); pattern < 1U << (m + n); ++pattern) {
            std::vector<bool> ends;
            for (unsigned s = 0; s < m + n; ++s) {
                ends.push_back((pattern >> s & 1) != 0);
            }
            const std::vector<double> tail = tail_of_all_arrangements(m, n, pattern);
            for (std::size_t d = 0; d < tail.size(); ++d) {
                ASSERT_NEAR(ks_exact_p(d, m, n, ends), tail[d], 1e-14) << m << " " << n << " " << pattern << " " << d;
            }
        }
    }
}

TEST(KolmogorovSmirnov, SmallProbabilitiesKeepTheirDigits) {
    // Samples that do not overlap: 2 of C(60, 30) arrangements.
    const double arrangements = 118264581564861424.0;
    EXPECT_NEAR(ks_exact_p(900, 30, 30, std::vector<bool>(60, true)) * arrangements / 2.0, 1.0, 1e-12);
    // and of 1,400 values by the reflection principle: P(D m >= d) = 2 (C(2m, m + d) - C(2m, m + 2d) ..) / C(2m, m)
    const auto log_share = [](double d) {
        return 2.0 * std::lgamma(701.0) - std::lgamma(701.0 + d) - std::lgamma(701.0 - d);
    };
    double sum = 0.0;
    for (int k = 1; k * 200 <= 700; ++k) {
        sum += (k % 2 == 1 ? 2.0 : -2.0) * std::exp(log_share(k * 200.0));
    }
    EXPECT_LT(sum, 1e-23);
    EXPECT_NEAR(ks_exact_p(200 * 700, 700, 700, std::vector<bool>(1'400, true)) / sum, 1.0, 1e-10);
}

TEST(KolmogorovSmirnov, DistanceIsThatOfCounting) {
    std::mt19937_64 engine(11);
    for (int trial = 0; trial < 300; ++trial) {
        const std::size_t m = 1 + engine() % (trial % 3 == 0 ? 900 : 30);
        const std::size_t n = 1 + engine() % (trial % 2 == 0 ? 700 : 20);
        std::vector<double> a = sorted_normals(engine, m);
        std::vector<double> b = sorted_normals(engine, n, trial % 4 == 0 ? 0.4 : 0.0);
        if (trial % 5 < 3) {  // ties, few values of either or of both
            for (auto* sample : {&a, &b}) {
                std::ranges::transform(*sample, sample->begin(),
                                       [&](double x) { return std::round(x * (trial % 5 == 0 ? 1.0 : 8.0)); });
            }
        }
        ASSERT_EQ(ks_distance(a, b), distance_by_counting(a, b)) << trial;
    }
    for (int trial = 0; trial < 5; ++trial) {  // so large that most of it is passed over
        const std::vector<double> a = sorted_uniforms(engine, 300'000);
        const std::vector<double> b = sorted_uniforms(engine, 200'000);
        ASSERT_EQ(ks_distance(a, b), distance_by_counting(a, b)) << trial;
    }
    const std::vector<double> same(1'000, 3.0);
    EXPECT_EQ(ks_distance(same, same), 0U);
    EXPECT_EQ(ks_test(same, same).p_value, 1.0);
}

TEST(KolmogorovSmirnov, FlagsOneInTwentyWithoutDrift) {
    std::mt19937_64 engine(12);
    constexpr int repetitions = 2'000;
    int exact = 0;
    int asymptotic = 0;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        const std::vector<double> a = sorted_normals(engine, 1'000);
        const std::vector<double> b = sorted_normals(engine, 1'000);
        const KsTest test = ks_test(a, b);
        exact += test.p_value <= 0.05 ? 1 : 0;
        asymptotic += kolmogorov_tail(test.statistic * std::sqrt(500.0)) <= 0.05 ? 1 : 0;
    }
    EXPECT_NEAR(exact / double{repetitions}, 0.05, 0.015);
    EXPECT_NEAR(asymptotic / double{repetitions}, 0.05, 0.015);
}

TEST(KolmogorovSmirnov, BothSeriesOfTheLimitAgree) {
    EXPECT_NEAR(kolmogorov_tail(std::nextafter(1.0, 0.0)), kolmogorov_tail(1.0), 1e-14);
    EXPECT_NEAR(kolmogorov_tail(1.0), 0.26999967167735456, 1e-14);
    EXPECT_NEAR(kolmogorov_tail(2.0) / 6.709252557796953e-4, 1.0, 1e-13);
    EXPECT_NEAR(kolmogorov_tail(0.4), 0.9971923267772983, 1e-14);
    EXPECT_EQ(kolmogorov_tail(0.0), 1.0);
    // far above the limit for exact values the two laws meet
    std::mt19937_64 engine(13);
    const std::vector<double> a = sorted_normals(engine, 1'900);
    const std::vector<double> b = sorted_normals(engine, 2'000, 0.05);
    const KsTest test = ks_test(a, b);
    ASSERT_TRUE(test.exact);
    EXPECT_NEAR(test.p_value, kolmogorov_tail(test.statistic * std::sqrt(1'900.0 * 2'000.0 / 3'900.0)), 0.02);
}

TEST(KolmogorovSmirnov, UniformValuesAreFlaggedAtTheirLevel) {
    std::mt19937_64 engine(14);
    std::uniform_real_distribution<double> uniform;
    constexpr int repetitions = 2'000;
    int flagged = 0;
    int found = 0;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        std::vector<double> values(250);
        std::ranges::generate(values, [&] { return uniform(engine); });
        flagged += ks_uniform(values).p_value <= 0.05 ? 1 : 0;
        // forecasts whose bands are a third too narrow
        std::normal_distribution<double> normal;
        std::ranges::generate(values, [&] { return 0.5 * std::erfc(-1.5 * normal(engine) / std::sqrt(2.0)); });
        found += ks_uniform(values).p_value <= 0.05 ? 1 : 0;
    }
    EXPECT_NEAR(flagged / double{repetitions}, 0.05, 3.0 * std::sqrt(0.05 * 0.95 / repetitions));
    EXPECT_GE(found, repetitions * 8 / 10);
    // the limit of 5% that tables give for ten values
    std::vector<double> ten;
    for (int i = 1; i <= 10; ++i) {
        ten.push_back(std::max(0.0, i / 10.0 - 0.40925));
    }
    EXPECT_NEAR(ks_uniform(ten).statistic, 0.40925, 1e-12);
    EXPECT_NEAR(ks_uniform(ten).p_value, 0.05, 0.001);
    EXPECT_NEAR(ks_uniform(std::vector<double>{0.3}).statistic, 0.7, 1e-15);
}

TEST(KolmogorovSmirnov, RefusesWhatHasNoOrder) {
    const std::vector<double> some{1.0, 2.0};
    const std::vector<double> missing{1.0, std::numeric_limits<double>::quiet_NaN()};
    EXPECT_THROW((void)ks_test(some, {}), InputError);
    EXPECT_THROW((void)ks_test(missing, some), InputError);
    EXPECT_THROW((void)ks_uniform(some), InputError);
    EXPECT_THROW((void)ks_uniform({}), InputError);
}

}  // namespace
}  // namespace clv
