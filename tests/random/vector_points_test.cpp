// One lane of a vector and a single path have the same points, to the bit.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#define CLV_REAL float
#define CLV_COMPUTE_POINTS compute_points_alone
#define CLV_COMPUTE_FUSED compute_fused_alone
#include "random/vector_points.inc"

namespace clv {
namespace {

void expect_same_points(ComputePoints compute) {
    for (std::uint32_t i = 0; i < 500; ++i) {
        const std::uint32_t path = i * 7919U % 100'000U;  // not only multiples of the lanes
        LanePoints alone;
        LanePoints lanes;
        compute_points_alone(i % 3 * 1000U, path, i * 2654435761U, alone);
        compute(i % 3 * 1000U, path, i * 2654435761U, lanes);
        ASSERT_EQ(std::memcmp(&alone, &lanes, sizeof(LanePoints)), 0) << path;
    }
}

/// Sums that cancel, that lie just beside the middle of two floats, and ordinary ones.
void expect_fused(ComputeFused compute) {
    std::uint32_t state = 1;
    const auto word = [&state] { return state = philox<std::uint32_t>(state, 5U, 0U, 0U, 3U, 4U).word[0]; };
    const auto number = [&word](std::uint32_t exponents) {
        const std::uint32_t bits = word();
        return std::bit_cast<float>((bits & 0x807fffffU) | (127U - exponents / 2U + word() % exponents) << 23);
    };
    for (int round = 0; round < 20'000; ++round) {
        float a[16];
        float b[16];
        float c[16];
        float fused[16];
        for (int i = 0; i < 16; ++i) {
            a[i] = number(20);
            b[i] = number(20);
            const float product = a[i] * b[i];
            switch (round % 5) {
                case 0:
                    c[i] = number(60);
                    break;
                case 1:
                    c[i] = -product;
                    break;
                case 2:
                    c[i] = std::nextafter(product, 0.0F) * (i % 2 == 0 ? -1.0F : 1.0F);
                    break;
                case 3:  // half a unit of c less 2^-46 of it, which double does not see beside c
                    c[i] = number(20);
                    a[i] = i % 2 == 0 ? 1.0F + 0x1p-23F : -1.0F - 0x1p-23F;
                    b[i] = std::ldexp(1.0F - 0x1p-23F, std::ilogb(c[i]) - 24);
                    break;
                default:
                    c[i] = std::ldexp(product, i - 40);
            }
        }
        compute(a, b, c, fused);
        for (int i = 0; i < 16; ++i) {
            ASSERT_EQ(std::bit_cast<std::uint32_t>(fused[i]), std::bit_cast<std::uint32_t>(std::fma(a[i], b[i], c[i])))
                << a[i] << " x " << b[i] << " + " << c[i];
        }
    }
    const float infinite[16] = {HUGE_VALF, -HUGE_VALF, 1.0F, 0.0F};
    const float ones[16] = {1.0F, 2.0F, HUGE_VALF, 0.0F};
    float fused[16];
    compute(infinite, ones, ones, fused);
    EXPECT_EQ(fused[0], HUGE_VALF);
    EXPECT_EQ(fused[1], -HUGE_VALF);
    EXPECT_EQ(fused[2], HUGE_VALF);
    EXPECT_EQ(fused[3], 0.0F);
}

TEST(Fused, RoundsOnce) {
    expect_fused(compute_fused_alone);
}

TEST(VectorPoints, AreThoseOfSinglePathsWithSse4) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul")) {
        expect_fused(compute_fused_sse4);
        return expect_same_points(compute_points_sse4);
    }
#endif
    GTEST_SKIP() << "no SSE4 here";
}

TEST(VectorPoints, AreThoseOfSinglePathsWithAvx2) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        expect_fused(compute_fused_avx2);
        return expect_same_points(compute_points_avx2);
    }
#endif
    GTEST_SKIP() << "no AVX2 here";
}

TEST(VectorPoints, AreThoseOfSinglePathsWithAvx512) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl")) {
        expect_fused(compute_fused_avx512);
        return expect_same_points(compute_points_avx512);
    }
#endif
    GTEST_SKIP() << "no AVX-512 here";
}

}  // namespace
}  // namespace clv
