// The float quantile of the normal against double precision: every 251st word, and all of the last 2^20 of each tail
// and of the middle.

#include "clv/random/inverse_normal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace clv {
namespace {

/// |error| / max(1, |z|) of the quantile of a word above the middle, to first and second order from the distribution.
double scaled_error(std::uint32_t word) {
    const auto z = static_cast<double>(inverse_normal<float>(word));
    const double tail = (static_cast<double>(~word) + 0.5) * 0x1p-32;
    const double centre = (static_cast<double>(word - 0x80000000U) + 0.5) * 0x1p-32;
    const double root_half = 0.70710678118654752;
    const double too_low = z < 1.0 ? centre - 0.5 * std::erf(z * root_half) : 0.5 * std::erfc(z * root_half) - tail;
    const double step = too_low / (std::exp(-0.5 * z * z) * 0.39894228040143268);
    return std::abs(step / (1.0 - 0.5 * z * step)) / std::max(1.0, z);
}

TEST(InverseNormal, IsTheQuantileOverItsWholeDomain) {
    constexpr std::uint32_t dense = 1U << 20;
    double worst = 0.0;
    for (std::uint32_t i = 0; i < dense; ++i) {
        worst = std::max(worst, scaled_error(0x80000000U + i));
        worst = std::max(worst, scaled_error(~i));
    }
    for (std::uint64_t word = 0x80000000U; word < 1ULL << 32; word += 251) {
        worst = std::max(worst, scaled_error(static_cast<std::uint32_t>(word)));
    }
    EXPECT_LT(worst, 4e-7);
    EXPECT_NEAR(static_cast<double>(inverse_normal<float>(~0U)), 6.3379576, 2e-6);
}

TEST(InverseNormal, ComplementaryWordsGiveOppositeSigns) {
    for (std::uint64_t word = 0; word < 1ULL << 32; word += 1021) {
        const auto at = static_cast<std::uint32_t>(word);
        const float z = inverse_normal<float>(at);
        ASSERT_EQ(lane::bits_of(z) ^ 0x80000000U, lane::bits_of(inverse_normal<float>(~at)));
        ASSERT_EQ(z > 0.0F, at >= 0x80000000U);
    }
}

}  // namespace
}  // namespace clv
