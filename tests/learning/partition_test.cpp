// What k-means keeps to itself: points, samples of them, and seeds.

#include "learning/clusters/partition.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "learning/clusters/cluster_points.hpp"

namespace clv {
namespace {

TEST(ClusterPoints, AreDifferentRowsInOrder) {
    const std::vector<double> values{2.0, 5.0, -1.0, 9.0, 2.0, 4.0, -1.0, 9.0, 2.0, 5.0, 2.0, 5.0};
    const PointsOfRows rows = points_of_rows(values, 2);
    EXPECT_EQ(rows.point, (std::vector<std::uint32_t>{2, 0, 1, 0, 2, 2}));
    EXPECT_EQ(rows.points.weight, (std::vector<double>{2.0, 1.0, 3.0}));
    EXPECT_EQ(rows.points.centre, (std::vector<double>{1.0, 37.0 / 6.0}));  // of six rows
    for (std::size_t row = 0; row < 6; ++row) {
        for (std::size_t c = 0; c < 2; ++c) {
            EXPECT_DOUBLE_EQ(rows.points.column(c)[rows.point[row]] + rows.points.centre[c], values[2 * row + c]);
        }
    }
}

TEST(ClusterPoints, SamplesHaveARowOfEveryPart) {
    std::vector<double> weight(1'000, 1.0);
    weight[300] = 1'000.0;  // half of all rows
    const auto sample = sample_rows(weight, 100, 1, 0);
    double drawn = 0.0;
    for (std::size_t i = 0; i < sample.size(); ++i) {
        drawn += sample[i].weight;
        if (i > 0) {
            EXPECT_LT(sample[i - 1].point, sample[i].point);
        }
        if (sample[i].point == 300) {
            EXPECT_NEAR(sample[i].weight, 50.0, 1.0);
        } else {
            EXPECT_EQ(sample[i].weight, 1.0);
        }
    }
    EXPECT_EQ(drawn, 100.0);
    EXPECT_EQ(std::ranges::count(sample, 300U, &SampledPoint::point), 1);
    const std::vector<double> even(1'000, 1.0);
    std::vector<double> places(10, 0.0);  // in a part of ten rows
    for (std::uint32_t stream = 0; stream < 50; ++stream) {
        std::size_t part = 0;
        for (const SampledPoint& one : sample_rows(even, 100, 1, stream)) {
            ASSERT_EQ(one.point / 10, part++);
            places[one.point % 10] += 1.0;
        }
    }
    for (const double count : places) {
        EXPECT_NEAR(count, 500.0, 4.0 * std::sqrt(450.0));
    }
}

TEST(ClusterPoints, CoresetsHaveWhatIsFarOut) {
    std::vector<double> values(20'000);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<double>(i % 1'000) / 1'000.0 + 1e-9 * static_cast<double>(i);
    }
    for (const double far : {500.0, -480.0, 450.0}) {
        values.insert(values.end(), {far, far});
    }
    const ClusterPoints points = points_of_rows(values, 1).points;
    const ClusterPoints coreset = lightweight_coreset(points, 400, 3);
    EXPECT_EQ(coreset.columns, 1U);
    EXPECT_EQ(coreset.centre, points.centre);
    double rows = 0.0;
    double squares = 0.0;
    double far_rows = 0.0;
    for (std::size_t p = 0; p < coreset.size(); ++p) {
        const double value = coreset.column(0)[p];
        rows += coreset.weight[p];
        squares += coreset.weight[p] * value * value;
        if (std::abs(value) > 100.0) {
            far_rows += 1.0;
            EXPECT_NEAR(coreset.weight[p], 2.0, 0.1);
        }
    }
    EXPECT_EQ(far_rows, 3.0);
    EXPECT_NEAR(rows, 20'006.0, 200.0);
    EXPECT_NEAR(squares, 2.0 * (500.0 * 500.0 + 480.0 * 480.0 + 450.0 * 450.0), 0.01 * squares);
}

TEST(ClusterPoints, DrawsHaveAnAddress) {
    std::set<double> draws;
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
            for (std::size_t k = 0; k < 3; ++k) {
                for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1} << 32}) {
                    const double draw = restart_draw(seed, i, j, k);
                    EXPECT_GE(draw, 0.0);
                    EXPECT_LT(draw, 1.0);
                    draws.insert(draw);
                }
            }
        }
    }
    EXPECT_EQ(draws.size(), 81U);
}

TEST(Seeds, AreDrawnByWeightAndSquaredDistance) {
    // -10 is 2 rows, 0 is 3, 20 is 5
    std::vector<double> values{-10.0, -10.0, 0.0, 0.0, 0.0, 20.0, 20.0, 20.0, 20.0, 20.0};
    const ClusterPoints points = points_of_rows(values, 1).points;
    constexpr std::size_t restarts = 4'000;
    std::vector<double> first(3, 0.0);
    double after_zero = 0.0;
    double far_after_zero = 0.0;
    for (std::size_t restart = 0; restart < restarts; ++restart) {
        const Partition seeds = seeded_partition(points, 2, 5, restart);
        const auto place = [&](std::size_t k) {
            return std::ranges::find(points.values, seeds.centroids[k]) - points.values.begin();
        };
        first.at(static_cast<std::size_t>(place(0))) += 1.0;
        if (place(0) == 1) {
            after_zero += 1.0;
            far_after_zero += place(1) == 2 ? 1.0 : 0.0;
        }
    }
    const auto expect_share = [](double count, double all, double share) {
        EXPECT_NEAR(count / all, share, 4.0 * std::sqrt(share * (1.0 - share) / all));
    };
    expect_share(first[0], restarts, 0.2);
    expect_share(first[1], restarts, 0.3);
    expect_share(first[2], restarts, 0.5);
    expect_share(far_after_zero, after_zero, 5.0 * 400.0 / (5.0 * 400.0 + 2.0 * 100.0));
}

TEST(Seeds, LieApart) {
    std::vector<double> values;
    for (int i = 0; i < 60; ++i) {
        values.push_back(1'000.0 * (i % 4) + 0.01 * i);
    }
    const ClusterPoints points = points_of_rows(values, 1).points;
    for (std::size_t restart = 0; restart < 200; ++restart) {
        std::set<long> thousands;
        for (const double seed : seeded_partition(points, 4, 1, restart).centroids) {
            thousands.insert(std::lround((seed + points.centre[0]) / 1'000.0));
        }
        EXPECT_EQ(thousands.size(), 4U) << restart;
    }
}

TEST(Hartigan, LeavesWhatLloydCannot) {
    // 3.1 is nearer to the mean of 0 and 3.1 than to 5, but that mean is where it is because of 3.1
    const std::vector<double> values{0.0, 3.1, 5.0};
    const ClusterPoints points = points_of_rows(values, 1).points;
    Partition lloyd;
    lloyd.clusters = 2;
    lloyd.centroids = {1.55 - points.centre[0], 5.0 - points.centre[0]};
    Partition both = lloyd;
    run_lloyd(points, lloyd, 100, 1);
    EXPECT_EQ(lloyd.label, (std::vector<std::uint32_t>{0, 0, 1}));
    run_lloyd_and_hartigan(points, both, 100, 1);
    EXPECT_EQ(both.label, (std::vector<std::uint32_t>{0, 1, 1}));
    EXPECT_TRUE(both.converged);
    EXPECT_NEAR(both.inertia, 0.5 * 1.9 * 1.9, 1e-12);
    EXPECT_NEAR(both.centroids[1] + points.centre[0], 4.05, 1e-12);
}

}  // namespace
}  // namespace clv
