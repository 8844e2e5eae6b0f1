// Two samples put together, against all of their values at once.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "clv/risk/fixed_point.hpp"

namespace clv {
namespace {

std::vector<std::int64_t> units_of(std::size_t count, double mean, double sd, unsigned seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> value(mean, sd);
    std::vector<std::int64_t> units;
    for (std::size_t i = 0; i < count; ++i) {
        units.push_back(static_cast<std::int64_t>(value(random)));
    }
    return units;
}

TEST(Pool, IsWhatAllValuesTogetherGive) {
    constexpr double unit = 0x1p-10;
    for (const auto& [n, m] : {std::pair{1U, 1U}, {1U, 500U}, {64U, 960U}, {3'000U, 7U}}) {
        std::vector<std::int64_t> a = units_of(n, 9e5, 4e5, n);
        const std::vector<std::int64_t> b = units_of(m, -2e5, 1e6, m + 1);
        const MeanAndSpread pooled = pool(mean_and_spread(a, unit), n, mean_and_spread(b, unit), m);
        a.insert(a.end(), b.begin(), b.end());
        const MeanAndSpread together = mean_and_spread(a, unit);
        const double size = 1e-12 * (std::abs(together.mean) + together.sd);
        EXPECT_NEAR(pooled.mean, together.mean, size);
        EXPECT_NEAR(pooled.sd, together.sd, size);
        EXPECT_NEAR(pooled.se, together.se, size);
    }
}

TEST(Pool, EqualMeansStayWhatTheyAre) {
    for (const double mean : {4.7, 0.1, 1e9 / 3.0}) {
        const MeanAndSpread pooled = pool({mean, 0.0, 0.0}, 211, {mean, 0.0, 0.0}, 97);
        EXPECT_EQ(pooled.mean, mean);
        EXPECT_EQ(pooled.se, 0.0);
    }
}

}  // namespace
}  // namespace clv
