// Moments and tails of the normals on a stream short enough for a test; clv_normals_check in bench/ takes a long one.

#include <gtest/gtest.h>

#include <algorithm>

#include "support/normal_moments.hpp"

namespace clv {
namespace {

constexpr std::uint32_t blocks = 1'000'000;

TEST(NormalMoments, MatchTheNormalDistribution) {
    const auto moments = test::draw_normals(blocks, 7U, [](double x) { return x; });
    for (const test::Deviation& deviation : moments.deviations()) {
        EXPECT_LT(std::abs(deviation.z()), 4.0) << deviation.name << " " << deviation.value;
    }
}

/// The largest deviation of distorted normals in standard errors.
template <class Distort>
double worst(Distort distort) {
    double z = 0.0;
    for (const test::Deviation& deviation : test::draw_normals(blocks, 7U, distort).deviations()) {
        z = std::max(z, std::abs(deviation.z()));
    }
    return z;
}

TEST(NormalMoments, NoticePlantedErrors) {
    EXPECT_GT(worst([](double x) { return x + 0.004; }), 4.0);
    EXPECT_GT(worst([](double x) { return 1.003 * x; }), 4.0);
    EXPECT_GT(worst([](double x) { return x + 0.002 * (x * x - 1.0); }), 4.0);  // skew
    EXPECT_GT(worst([](double x) { return std::clamp(x, -3.9, 3.9); }), 4.0);   // a radius that is cut off
}

}  // namespace
}  // namespace clv
