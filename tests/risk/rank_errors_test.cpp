// Errors of quantiles against what quantiles of repeated samples do: where values are spread, and where they are few.

#include "clv/risk/rank_errors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "clv/random/inverse_normal.hpp"
#include "clv/random/philox.hpp"
#include "clv/risk/distribution.hpp"

namespace clv {
namespace {

std::vector<double> uniforms(std::uint32_t count, std::uint32_t repeat) {
    std::vector<double> values;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto block = philox<std::uint32_t>(i, repeat, 7U, 0U, 5U, 0U);
        values.push_back((block.word[0] + 0.5) * 0x1p-32);
    }
    return values;
}

/// Root mean square of the reported errors of a 5% quantile over the standard deviation of the quantile, both over
/// repeated samples, and over worlds where several are given: the values of a sample's uniforms in world w.
template <class Value>
double reported_over_true(std::uint32_t count, int worlds, int repeats, Value value) {
    const DistributionLevels levels{{DecimalLevel(0.05)}, DecimalLevel(0.05)};
    const FixedPoint scale(64.0, 64.0);
    double reported = 0.0;
    double variance = 0.0;
    for (int world = 0; world < worlds; ++world) {
        std::vector<double> quantiles;
        for (int repeat = 0; repeat < repeats; ++repeat) {
            std::vector<double> values = uniforms(count, static_cast<std::uint32_t>(world * repeats + repeat));
            std::ranges::transform(values, values.begin(), [&](double u) { return value(u, world); });
            const Distribution figures = distribution_of(values, scale, levels);
            quantiles.push_back(figures.quantiles[0]);
            reported += figures.quantile_se[0] * figures.quantile_se[0] / repeats;
        }
        const double mean = std::accumulate(quantiles.begin(), quantiles.end(), 0.0) / repeats;
        for (const double quantile : quantiles) {
            variance += (quantile - mean) * (quantile - mean) / (repeats - 1);
        }
    }
    return std::sqrt(reported / variance);
}

TEST(RankErrors, NodesStandAroundTheRankAndWithinTheSample) {
    const auto nodes = ranks_around(10'000, 500, 21.8);
    EXPECT_TRUE(std::ranges::is_sorted(nodes));
    EXPECT_NEAR(static_cast<double>(nodes[3]), 500.0, 1.0);
    EXPECT_NEAR(static_cast<double>(nodes[5] - nodes[1]), 4.0 * 0.816 * 21.8, 2.0);
    const auto mirrored = ranks_around(10'000, 9'501, 21.8);
    for (std::size_t node = 0; node < rank_nodes; ++node) {
        EXPECT_EQ(mirrored[node], 10'001 - nodes[rank_nodes - 1 - node]);
    }
    for (const std::uint64_t rank : ranks_around(20, 1, 5.0)) {
        EXPECT_GE(rank, 1U);
        EXPECT_LE(rank, 20U);
    }
    EXPECT_EQ(ranks_around(20, 7, 0.0), (std::array<std::uint64_t, rank_nodes>{7, 7, 7, 7, 7, 7, 7}));
}

TEST(RankErrors, OfALinearSampleIsItsSpread) {
    EXPECT_NEAR(error_over_nodes({-3, -2, -1, 0, 1, 2, 3}), 1.0 / 0.81597, 1e-4);
    EXPECT_EQ(error_over_nodes({4, 4, 4, 4, 4, 4, 4}), 0.0);
}

TEST(RankErrors, HoldWhereValuesAreSpread) {
    const auto normal = [](double u, int /*world*/) {
        return static_cast<double>(inverse_normal<float>(static_cast<std::uint32_t>(u * 0x1p32)));
    };
    for (const std::uint32_t count : {200U, 2'000U}) {
        EXPECT_NEAR(reported_over_true(count, 1, 3'000, normal), 1.0, 0.12) << count;
    }
}

/// Whole numbers whose edges lie elsewhere in every world: over worlds the error is right, while half the distance of
/// two neighbours is nothing, or too much.
TEST(RankErrors, HoldOverWorldsWhereValuesAreFew) {
    constexpr int worlds = 40;
    const auto stepped = [](double u, int world) { return std::floor(u * 50.0 + world / double{worlds}); };
    EXPECT_NEAR(reported_over_true(1'000, worlds, 300, stepped), 1.0, 0.08);
}

}  // namespace
}  // namespace clv
