// Draws of fitted models: evenly spread, independent from replicate to replicate, others for other paths.

#include "clv/models/draw_points.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

#include "clv/random/scrambled_point.hpp"

namespace clv {
namespace {

TEST(DrawPoints, AreTheSameForTheSameSeedAndSetAlone) {
    const DrawPoints points{7};
    EXPECT_EQ(points.uniforms(DrawStream::purchase, 5, 9), points.uniforms(DrawStream::purchase, 5, 9));
    const std::vector<double> nine = points.uniforms(DrawStream::purchase, 5, 9);
    const std::vector<double> three = points.uniforms(DrawStream::purchase, 5, 3);
    EXPECT_TRUE(std::equal(three.begin(), three.end(), nine.begin()));
    std::set<double> first;
    for (const DrawPoints& other : {DrawPoints{7, 0}, DrawPoints{7, 1}, DrawPoints{8, 0}}) {
        for (const DrawStream stream : {DrawStream::purchase, DrawStream::spend, DrawStream::calendar}) {
            for (const double uniform : other.uniforms(stream, 5, 9)) {
                first.insert(uniform);
            }
        }
    }
    EXPECT_EQ(first.size(), 81U);
}

TEST(DrawPoints, EveryReplicateHasOneInEachStratumOfEveryDimension) {
    constexpr std::size_t strata = 16;
    for (std::size_t replicate = 0; replicate < replicates; ++replicate) {
        std::array<std::set<int>, 6> seen;
        for (std::size_t k = replicate; k < strata * replicates; k += replicates) {
            const std::vector<double> at = DrawPoints{3}.uniforms(DrawStream::calendar, k, seen.size());
            for (std::size_t d = 0; d < seen.size(); ++d) {
                seen[d].insert(static_cast<int>(at[d] * strata));
            }
        }
        for (const std::set<int>& of_dimension : seen) {
            EXPECT_EQ(of_dimension.size(), strata);
        }
    }
}

/// Seven parameters that are known to 2% each, multiplied: the mean over 256 draws, in many runs.
TEST(DrawPoints, MeansAreFarBetterThanThoseOfIndependentDrawsAndTheirReplicatesKnowIt) {
    constexpr std::size_t draws = 256;
    constexpr std::uint64_t runs = 200;
    constexpr double log_sd = 0.02;
    const double exact = std::exp(3.5 * log_sd * log_sd);
    double squares = 0.0;
    double reported = 0.0;
    for (std::uint64_t seed = 1; seed <= runs; ++seed) {
        std::array<double, replicates> of_replicate{};
        for (std::size_t k = 0; k < draws; ++k) {
            double log = 0.0;
            for (const double z : DrawPoints{seed}.normals(DrawStream::purchase, k, 4)) {
                log += log_sd * z;
            }
            for (const double z : DrawPoints{seed}.normals(DrawStream::spend, k, 3)) {
                log += log_sd * z;
            }
            of_replicate[k % replicates] += std::exp(log) * replicates / draws;
        }
        double mean = 0.0;
        for (const double estimate : of_replicate) {
            mean += estimate / replicates;
        }
        for (const double estimate : of_replicate) {
            reported += (estimate - mean) * (estimate - mean) / (replicates - 1.0) / replicates / runs;
        }
        squares += (mean - exact) * (mean - exact) / runs;
    }
    const double independent = std::sqrt(std::expm1(7.0 * log_sd * log_sd)) / std::sqrt(static_cast<double>(draws));
    EXPECT_LT(std::sqrt(squares), 0.25 * independent);
    // 200 mean squares over 200 with 15 degrees of freedom each
    EXPECT_NEAR(std::sqrt(reported / squares), 1.0, 4.0 * 0.5 * std::sqrt(2.0 / runs + 2.0 / 15.0 / runs));
}

TEST(DrawPoints, AsManyAsThePathsAllow) {
    EXPECT_EQ(draws_for(1), 64U);
    EXPECT_EQ(draws_for(4'096), 128U);
    EXPECT_EQ(draws_for(10'000), 256U);
    EXPECT_EQ(draws_for(100'000'000), 4'096U);
}

}  // namespace
}  // namespace clv
