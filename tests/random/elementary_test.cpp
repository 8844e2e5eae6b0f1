// exp, log, log1p and expm1 against the C library in long double, in units in the last place.

#include "clv/random/elementary.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "clv/random/philox.hpp"

namespace clv {
namespace {

double error_in_ulps(double value, long double exact) {
    const double nearest = static_cast<double>(exact);
    const double ulp = std::nextafter(std::abs(nearest), std::numeric_limits<double>::infinity()) - std::abs(nearest);
    return static_cast<double>(std::abs(static_cast<long double>(value) - exact) / static_cast<long double>(ulp));
}

/// The i-th of a fixed sequence of points between low and high.
double point(std::uint32_t i, double low, double high) {
    const auto block = philox<std::uint32_t>(i, 0, 0, 0, 7, 0);
    return low + (high - low) * (static_cast<double>(block.word[0]) + 0.5) * 0x1p-32;
}

constexpr std::uint32_t grid_points = 1'000'000;

TEST(Elementary, ExpIsWithinOneUlp) {
    double worst = 0.0;
    for (std::uint32_t i = 0; i < grid_points; ++i) {
        const double x = point(i, -700.0, 700.0);
        worst = std::max(worst, error_in_ulps(elementary::exp(x), std::exp(static_cast<long double>(x))));
        const double small = point(i, -1.0, 1.0);
        worst = std::max(worst, error_in_ulps(elementary::exp(small), std::exp(static_cast<long double>(small))));
    }
    EXPECT_LT(worst, 1.0);
}

TEST(Elementary, LogIsWithinElevenTenthsOfAnUlp) {
    double worst = 0.0;
    for (std::uint32_t i = 0; i < grid_points; ++i) {
        const double x = std::exp(point(i, -600.0, 600.0));
        worst = std::max(worst, error_in_ulps(elementary::log(x), std::log(static_cast<long double>(x))));
        const double near_one = point(i, 0.5, 2.0);
        worst = std::max(worst, error_in_ulps(elementary::log(near_one), std::log(static_cast<long double>(near_one))));
    }
    EXPECT_LT(worst, 1.1);
}

TEST(Elementary, Log1pAndExpm1KeepSmallArguments) {
    double worst_log1p = 0.0;
    double worst_expm1 = 0.0;
    for (std::uint32_t i = 0; i < grid_points; ++i) {
        const double magnitude = std::exp(point(i, -40.0, -0.1));
        for (const double x : {magnitude, -magnitude}) {
            worst_log1p =
                std::max(worst_log1p, error_in_ulps(elementary::log1p(x), std::log1p(static_cast<long double>(x))));
            worst_expm1 =
                std::max(worst_expm1, error_in_ulps(elementary::expm1(x), std::expm1(static_cast<long double>(x))));
        }
    }
    EXPECT_LT(worst_log1p, 2.0);
    EXPECT_LT(worst_expm1, 4.0);
}

TEST(Elementary, EndsOfTheRange) {
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(elementary::exp(0.0), 1.0);
    EXPECT_EQ(elementary::exp(-infinity), 0.0);
    EXPECT_EQ(elementary::exp(infinity), infinity);
    EXPECT_EQ(elementary::exp(-1000.0), 0.0);
    EXPECT_GT(elementary::exp(-744.0), 0.0);
    EXPECT_NEAR(elementary::exp(709.7) / std::exp(709.7), 1.0, 1e-15);
    EXPECT_TRUE(std::isnan(elementary::exp(std::nan(""))));
    EXPECT_EQ(elementary::log(1.0), 0.0);
    EXPECT_EQ(elementary::log(0.0), -infinity);
    EXPECT_EQ(elementary::log(infinity), infinity);
    EXPECT_TRUE(std::isnan(elementary::log(-1.0)));
    EXPECT_NEAR(elementary::log(5e-324) / std::log(5e-324), 1.0, 1e-15);
    EXPECT_EQ(elementary::log1p(-1.0), -infinity);
    EXPECT_EQ(elementary::expm1(-50.0), -1.0);
}

}  // namespace
}  // namespace clv
