// One lane of a vector and a single path have the same points, to the bit.

#include <gtest/gtest.h>

#include <cstring>

#define CLV_REAL float
#define CLV_COMPUTE_POINTS compute_points_alone
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

TEST(VectorPoints, AreThoseOfSinglePathsWithSse4) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul")) {
        return expect_same_points(compute_points_sse4);
    }
#endif
    GTEST_SKIP() << "no SSE4 here";
}

TEST(VectorPoints, AreThoseOfSinglePathsWithAvx2) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return expect_same_points(compute_points_avx2);
    }
#endif
    GTEST_SKIP() << "no AVX2 here";
}

TEST(VectorPoints, AreThoseOfSinglePathsWithAvx512) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl")) {
        return expect_same_points(compute_points_avx512);
    }
#endif
    GTEST_SKIP() << "no AVX-512 here";
}

}  // namespace
}  // namespace clv
