// The float draws: error against double precision over the arguments they can meet, and the moments of the normals.

#include "clv/random/samplers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

#include "clv/random/gamma_draw.hpp"

namespace clv {
namespace {

double ulp_of(double exact) {
    const float nearest = std::abs(static_cast<float>(exact));
    return static_cast<double>(std::nextafter(nearest, INFINITY)) - static_cast<double>(nearest);
}

/// Every word that begins or ends a run of equal high bits, and a stride through all others.
template <class Visit>
void for_words(Visit visit) {
    for (std::uint64_t word = 0; word < (1ULL << 32); word += 61) {
        visit(static_cast<std::uint32_t>(word));
    }
    for (std::uint32_t near = 0; near < 100'000; ++near) {
        visit(near);
        visit(~near);
        visit(0x80000000U + near);
        visit(0x4afb0ccdU - 50'000 + near);  // 1 - u = sqrt(1/2)
    }
}

TEST(ExponentialDraw, MatchesTheLogarithmAtBothEnds) {
    double worst = 0.0;
    for_words([&](std::uint32_t word) {
        const double u = (static_cast<double>(word) + 0.5) * 0x1p-32;
        const double exact = -std::log1p(-u);
        const auto draw = static_cast<double>(exponential_draw<float>(word));
        worst = std::max(worst, std::abs(draw - exact) / ulp_of(exact));
    });
    EXPECT_LT(worst, 2.46);
    EXPECT_GT(exponential_draw<float>(0), 0.0F);
    EXPECT_LT(exponential_draw<float>(~0U), 23.0F);
}

TEST(Exp2, IsAsExactAsFloatsAndExactAtIntegers) {
    double worst = 0.0;
    // every 37th float x with |x| in [2^-30, 126)
    for (std::uint32_t bits = lane::bits_of(0x1p-30F); bits < lane::bits_of(126.0F); bits += 37) {
        for (const std::uint32_t sign : {0U, 0x80000000U}) {
            const float x = lane::real_of(bits | sign);
            worst = std::max(worst, std::abs(static_cast<double>(exp2(x)) / std::exp2(static_cast<double>(x)) - 1.0));
        }
    }
    EXPECT_LT(worst, 1.72e-7);
    EXPECT_EQ(exp2(0.0F), 1.0F);
    EXPECT_EQ(exp2(-1000.0F), 0x1p-126F);
    EXPECT_EQ(exp2(1000.0F), 0x1p126F);
    EXPECT_EQ(exp2(10.0F), 1024.0F);
}

/// Every word whose high bits matter: all runs of the radius word's float, and all 2^25 angles.
TEST(NormalPair, LiesOnItsCircleAtItsAngle) {
    const double quarter_pi = 0.7853981633974483;
    double worst_angle = 0.0;
    double worst_radius = 0.0;
    for (std::uint32_t t = 0; t < (1U << 23); t += 3) {
        const std::uint32_t reflection = t % 4;
        const auto pair = normal_pair<float>(12345U, reflection << 30 | t);
        const double angle = quarter_pi * (static_cast<double>(t) * 0x1p-22 - 1.0);
        const double radius = std::sqrt(-2.0 * std::log((12345.5) * 0x1p-32));
        const double sign = (reflection & 2U) != 0 ? -1.0 : 1.0;
        const bool swapped = (reflection & 1U) != 0;
        const double x = sign * radius * (swapped ? std::sin(angle) : std::cos(angle));
        const double y = sign * radius * (swapped ? std::cos(angle) : std::sin(angle));
        worst_angle = std::max(worst_angle, std::abs(static_cast<double>(pair.first) - x) / radius);
        worst_angle = std::max(worst_angle, std::abs(static_cast<double>(pair.second) - y) / radius);
    }
    EXPECT_LT(worst_angle, 1.25e-7);
    for_words([&](std::uint32_t word) {
        const auto pair = normal_pair<float>(word, 0x400000U);  // t = 0: cosine 1, sine 0
        // 1 - u is not resolved beyond float: the radius is right for the float nearest to u
        const double u = static_cast<double>(static_cast<float>(word) + 0.5F) * 0x1p-32;
        const double radius = std::sqrt(-2.0 * std::log(u));
        worst_radius =
            std::max(worst_radius, std::abs(static_cast<double>(pair.first) - radius) / std::max(radius, 1e-30));
        EXPECT_EQ(pair.second, 0.0F);
    });
    EXPECT_LT(worst_radius, 2.7e-7);
}

TEST(NormalPair, HasTheMomentsAndTailsOfANormal) {
    constexpr std::uint32_t blocks = 2'000'000;
    double sums[4] = {0, 0, 0, 0};
    double product = 0.0;
    std::uint64_t beyond_three = 0;
    for (std::uint32_t i = 0; i < blocks; ++i) {
        const auto block = philox<std::uint32_t>(draw_address(Purpose::revenue, 0), i, 17, 0, 42, 0);
        const auto a = normal_pair<float>(block.word[0], block.word[1]);
        const auto b = normal_pair<float>(block.word[2], block.word[3]);
        for (const float value : {a.first, a.second, b.first, b.second}) {
            const auto x = static_cast<double>(value);
            sums[0] += x;
            sums[1] += x * x;
            sums[2] += x * x * x;
            sums[3] += x * x * x * x;
            beyond_three += std::abs(x) > 3.0 ? 1 : 0;
        }
        product += static_cast<double>(a.first) * static_cast<double>(a.second);
    }
    const double n = 4.0 * blocks;
    EXPECT_LT(std::abs(sums[0] / n), 4.0 * std::sqrt(1.0 / n));
    EXPECT_LT(std::abs(sums[1] / n - 1.0), 4.0 * std::sqrt(2.0 / n));
    EXPECT_LT(std::abs(sums[2] / n), 4.0 * std::sqrt(15.0 / n));
    EXPECT_LT(std::abs(sums[3] / n - 3.0), 4.0 * std::sqrt(96.0 / n));
    EXPECT_LT(std::abs(product / blocks), 4.0 * std::sqrt(1.0 / blocks));
    const double p = 0.0026997960632601866;
    EXPECT_LT(std::abs(static_cast<double>(beyond_three) / n - p), 4.0 * std::sqrt(p * (1.0 - p) / n));
}

TEST(Samplers, GammaDrawsEndWhateverTheShape) {
    const PhiloxKey key = philox_key(1, 2);
    for (const float shape : {NAN, INFINITY, -5.0F, 3.0e38F, 0.0F, 1.0e-30F}) {
        (void)gamma_draw<float>(shape, 7, 0, 1, 2, 3, key);
    }
    EXPECT_GT(gamma_draw<float>(2.5F, 7, 0, 1, 2, 3, key), 0.0F);
}

}  // namespace
}  // namespace clv
