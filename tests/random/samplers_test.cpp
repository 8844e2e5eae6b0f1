// The float draws: error against double precision over the arguments they can meet, and the moments of the normals.

#include "clv/random/samplers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

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
    EXPECT_LT(worst, 2.5);
    EXPECT_GT(exponential_draw<float>(0), 0.0F);
    EXPECT_LT(exponential_draw<float>(~0U), 23.0F);
}

TEST(Exp2, IsWithinOneUlpOnEveryFloatOfItsRange) {
    double worst = 0.0;
    // every float x with |x| in [2^-30, 126), and a stride below
    for (std::uint32_t bits = lane::bits_of(0x1p-30F); bits < lane::bits_of(126.0F); bits += 37) {
        for (const std::uint32_t sign : {0U, 0x80000000U}) {
            const float x = lane::real_of(bits | sign);
            const double exact = std::exp2(static_cast<double>(x));
            worst = std::max(worst, std::abs(static_cast<double>(exp2(x)) - exact) / ulp_of(exact));
        }
    }
    EXPECT_LT(worst, 1.0);
    EXPECT_EQ(exp2(0.0F), 1.0F);
    EXPECT_EQ(exp2(-1000.0F), 0x1p-126F);
    EXPECT_EQ(exp2(1000.0F), 0x1p127F);
    EXPECT_EQ(exp2(10.0F), 1024.0F);
}

TEST(NormalPair, LiesOnItsCircleAtItsAngle) {
    const double two_pi = 6.283185307179586;
    double worst = 0.0;
    for_words([&](std::uint32_t word) {
        const std::uint32_t radius_word = word * 2654435761U + 12345U;
        const auto pair = normal_pair<float>(radius_word, word);
        const double radius = std::sqrt(-2.0 * std::log1p(-(static_cast<double>(radius_word) + 0.5) * 0x1p-32));
        const double angle = two_pi * static_cast<double>(word) * 0x1p-32;
        worst = std::max(worst, std::abs(static_cast<double>(pair.first) - radius * std::cos(angle)) / radius);
        worst = std::max(worst, std::abs(static_cast<double>(pair.second) - radius * std::sin(angle)) / radius);
    });
    EXPECT_LT(worst, 3e-7);
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

}  // namespace
}  // namespace clv
