// Risk figures against their definitions, and their standard errors against the spread of many repeated samples.

#include "clv/risk/distribution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/random/elementary.hpp"
#include "clv/random/philox.hpp"

namespace clv {
namespace {

DistributionLevels levels(std::vector<double> quantiles, double cvar) {
    DistributionLevels result;
    for (const double level : quantiles) {
        result.quantiles.emplace_back(level);
    }
    result.cvar = DecimalLevel(cvar);
    return result;
}

TEST(DecimalLevel, ReadsTheDecimalNotTheBinaryFraction) {
    EXPECT_EQ(DecimalLevel(0.05).rank(20), 1U);  // 20 x 0.05 is 1.0000000000000002 in binary
    EXPECT_EQ(DecimalLevel(0.1).rank(30), 3U);
    EXPECT_EQ(DecimalLevel(0.025).rank(1000), 25U);
    EXPECT_EQ(DecimalLevel(0.95).rank(10'000), 9500U);
    EXPECT_EQ(DecimalLevel(0.00001).rank(10), 1U);
    EXPECT_EQ(DecimalLevel(0.05).whole(30), 1U);
    EXPECT_DOUBLE_EQ(DecimalLevel(0.05).fraction(30), 0.5);
    EXPECT_THROW(DecimalLevel(0.0), ConfigError);
    EXPECT_THROW(DecimalLevel(1.0), ConfigError);
    EXPECT_THROW(DecimalLevel(1.0 / 3.0), ConfigError);
}

TEST(Distribution, OfThirtyKnownValues) {
    std::vector<double> values;
    for (int i = 30; i >= 1; --i) {
        values.push_back(static_cast<double>(i) - 3.0);  // -2 .. 27
    }
    const Distribution d = distribution_of(values, FixedPoint(100.0, 100.0), levels({0.05, 0.5, 0.95}, 0.05));
    EXPECT_DOUBLE_EQ(d.mean, 12.5);
    EXPECT_NEAR(d.sd, 8.803408430829505, 1e-12);
    EXPECT_NEAR(d.se, d.sd / std::sqrt(30.0), 1e-12);
    EXPECT_EQ(d.quantiles, (std::vector<double>{-1.0, 12.0, 26.0}));  // ranks 2, 15, 29
    EXPECT_NEAR(d.cvar, (-2.0 + 0.5 * -1.0) / 1.5, 1e-12);            // floor(1.5) = 1 value and half of the next
    EXPECT_NEAR(d.prob_loss, 2.0 / 30.0, 1e-15);
    EXPECT_DOUBLE_EQ(value_at_risk(d.mean, d.quantiles[0]), 13.5);
}

TEST(Distribution, EveryPassLooksForInterruption) {
    const std::vector<double> values{3.0, 1.0, 2.0};
    const FixedPoint scale(3.0, 3.0);
    std::vector<std::int64_t> units(values.size());
    DistributionScratch scratch;
    SampleParts parts;
    const RanksNeeded needed = needed_ranks(values.size(), levels({0.5}, 0.05));
    request_interruption();
    EXPECT_THROW((void)scale.to_units(values, units), Interrupted);
    EXPECT_THROW((void)sums_of(units), Interrupted);
    EXPECT_THROW(scratch.selection.select(values, needed.ranks), Interrupted);
    EXPECT_THROW(collect_ranks(values, needed, scale, scratch, parts), Interrupted);
    clear_interruption();
    EXPECT_NO_THROW(collect_ranks(values, needed, scale, scratch, parts));
}

TEST(Distribution, OfOneValueHasNoSpread) {
    std::vector<double> values{-4.0};
    const Distribution d = distribution_of(values, FixedPoint(4.0, 4.0), levels({0.5}, 0.05));
    EXPECT_EQ(d.mean, -4.0);
    EXPECT_EQ(d.sd, 0.0);
    EXPECT_EQ(d.se, 0.0);
    EXPECT_EQ(d.cvar, -4.0);
    EXPECT_EQ(d.prob_loss, 1.0);
}

TEST(Distribution, NeedsFewRanksEachOnce) {
    const RanksNeeded needed = needed_ranks(10'000, levels({0.5, 0.05, 0.051}, 0.05));
    EXPECT_LE(needed.ranks.size(), 3 * (rank_nodes + 1) + 1);
    EXPECT_TRUE(std::ranges::is_sorted(needed.ranks, std::ranges::less_equal{}));
    EXPECT_EQ(needed.tail_rank(), 500U);
    ASSERT_EQ(needed.quantiles.size(), 3U);
    EXPECT_EQ(needed.ranks[needed.quantiles[0].at], 5000U);
    EXPECT_EQ(needed.ranks[needed.quantiles[1].at], 500U);
    EXPECT_EQ(needed.ranks[needed.quantiles[2].at], 510U);
    const auto nodes = ranks_around(10'000, 510, std::sqrt(10'000 * 0.051 * 0.949));
    for (std::size_t node = 0; node < rank_nodes; ++node) {
        EXPECT_EQ(needed.ranks[needed.quantiles[2].nodes[node]], nodes[node]);
    }
    EXPECT_EQ(needed_ranks(1, levels({0.5}, 0.05)).ranks, (std::vector<std::uint64_t>{1}));
}

TEST(Distribution, OfPartsIsThatOfTheirValues) {
    std::vector<double> values;
    const FixedPoint scale(64.0, 64.0);
    for (std::uint32_t i = 0; i < 500; ++i) {
        values.push_back(static_cast<double>(philox<std::uint32_t>(i, 3U, 1U, 0U, 5U, 0U).word[0]) * 0x1p-26 - 10.0);
    }
    const DistributionLevels wanted = levels({0.1, 0.9}, 0.033);
    const Distribution direct = distribution_of(values, scale, wanted);
    std::sort(values.begin(), values.end());
    const RanksNeeded needed = needed_ranks(values.size(), wanted);
    SampleParts parts;
    parts.count = values.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
        parts.all.add(scale.units(values[i]));
        if (i < needed.tail_rank()) {
            parts.tail.add(scale.units(values[i]));
        }
        parts.losses += values[i] < 0.0 ? 1 : 0;
    }
    for (const std::uint64_t rank : needed.ranks) {
        parts.at_rank.push_back(values[rank - 1]);
    }
    const Distribution from_parts = finish(parts, needed, scale, wanted);
    EXPECT_EQ(from_parts.mean, direct.mean);
    EXPECT_EQ(from_parts.sd, direct.sd);
    EXPECT_EQ(from_parts.quantiles, direct.quantiles);
    EXPECT_EQ(from_parts.quantile_se, direct.quantile_se);
    EXPECT_EQ(from_parts.cvar, direct.cvar);
    EXPECT_EQ(from_parts.cvar_se, direct.cvar_se);
    EXPECT_EQ(from_parts.prob_loss, direct.prob_loss);

    const Distribution moments = finish_moments(parts, scale, wanted);
    EXPECT_EQ(moments.mean, direct.mean);
    EXPECT_EQ(moments.sd, direct.sd);
    EXPECT_TRUE(std::isnan(moments.quantiles[1]) && std::isnan(moments.cvar) && std::isnan(moments.prob_loss));
}

TEST(Distribution, StandardErrorsAreTheSpreadOfRepeatedSamples) {
    // exponential samples: quantile and CVaR known in closed form, so both error and claimed error can be judged
    constexpr int repeats = 2'000;
    constexpr std::uint32_t size = 2'000;
    const DistributionLevels wanted = levels({0.25}, 0.1);
    const double exact_quantile = -std::log(0.75);
    const double exact_cvar = (0.1 + 0.9 * std::log(0.9)) / 0.1;  // mean of Exp(1) below its 10% quantile
    double quantile_z2 = 0.0;
    double cvar_z2 = 0.0;
    for (std::uint32_t repeat = 0; repeat < repeats; ++repeat) {
        std::vector<double> values(size);
        for (std::uint32_t i = 0; i < size; ++i) {
            const auto block = philox<std::uint32_t>(i, repeat, 1U, 0U, 5U, 0U);
            values[i] = -elementary::log((static_cast<double>(block.word[0]) + 0.5) * 0x1p-32);
        }
        const Distribution d = distribution_of(values, FixedPoint(64.0, 64.0), wanted);
        quantile_z2 += std::pow((d.quantiles[0] - exact_quantile) / d.quantile_se[0], 2);
        cvar_z2 += std::pow((d.cvar - exact_cvar) / d.cvar_se, 2);
    }
    const double bound = 4.0 * std::sqrt(2.0 / repeats);
    EXPECT_NEAR(cvar_z2 / repeats, 1.0, bound);
    // the order-statistic interval is itself random; its inverse square is biased upwards by a few percent
    EXPECT_NEAR(quantile_z2 / repeats, 1.0, bound + 0.05);
}

TEST(FixedPoint, IsExactAndSaysWhereItEnds) {
    const FixedPoint scale(1000.0, 1000.0);
    EXPECT_EQ(scale.unit(), std::ldexp(1.0, 10 - 61 + 18));
    EXPECT_EQ(static_cast<double>(scale.units(999.75)) * scale.unit(), 999.75);
    std::vector<std::int64_t> units(2);
    EXPECT_TRUE(scale.to_units(std::vector{-1000.0, 1e8}, units));
    EXPECT_EQ(static_cast<double>(units[0]) * scale.unit(), -1000.0);
    EXPECT_EQ(static_cast<double>(units[1]) * scale.unit(), 1e8);
    EXPECT_FALSE(scale.to_units(std::vector{0.0, 1e9}, units));
    EXPECT_FALSE(scale.to_units(std::vector{0.0, std::nan("")}, units));
    EXPECT_EQ(FixedPoint(0.0, 0.0).unit(), 1.0);
    EXPECT_GT(1.0 / FixedPoint(1e-300, 1e-300).unit(), 0.0);
    EXPECT_EQ(FixedPoint(1.0, 1e30).unit(), std::ldexp(1.0, 1 - 61 + 36));  // room is limited, precision is kept
}

TEST(FixedPoint, SumsSayWhenTheyLeaveTheirRange) {
    const FixedPoint scale = FixedPoint::with_unit(1.0);
    std::vector<std::int64_t> sums{0, 5};
    EXPECT_TRUE(scale.add_units(std::vector{0x1p60, 2.5}, sums));
    EXPECT_EQ(sums, (std::vector<std::int64_t>{std::int64_t{1} << 60, 7}));  // ties to even
    EXPECT_TRUE(scale.subtract_units(std::vector{0.0, 2.5}, sums));
    EXPECT_EQ(sums[1], 5);
    EXPECT_FALSE(scale.add_units(std::vector{0x1p60, 0.0}, sums));
}

TEST(FixedPoint, SmallAndLargeUnitsGiveTheSameMoments) {
    // the same values on a fine grid, where squares take the long way, and on a coarse one
    std::vector<double> values;
    for (std::uint32_t i = 0; i < 5'000; ++i) {
        values.push_back(static_cast<double>(philox<std::uint32_t>(i, 0U, 8U, 0U, 5U, 0U).word[0]) - 1e9);
    }
    std::vector<std::int64_t> units(values.size());
    ASSERT_TRUE(FixedPoint::with_unit(0x1p-8).to_units(values, units));
    const MeanAndSpread coarse = mean_and_spread(units, 0x1p-8);
    ASSERT_TRUE(FixedPoint::with_unit(0x1p-28).to_units(values, units));
    const MeanAndSpread fine = mean_and_spread(units, 0x1p-28);
    EXPECT_NEAR(fine.mean / coarse.mean, 1.0, 1e-15);
    EXPECT_NEAR(fine.sd / coarse.sd, 1.0, 1e-13);
}

TEST(FixedPoint, VarianceSurvivesALargeMean) {
    const FixedPoint scale(1e9, 1e9);
    std::vector<std::int64_t> units;
    for (int i = 0; i < 1000; ++i) {
        units.push_back(scale.units(9e8 + (i % 2 == 0 ? 0.25 : -0.25)));
    }
    const MeanAndSpread result = mean_and_spread(units, scale.unit());
    EXPECT_DOUBLE_EQ(result.mean, 9e8);
    // a quarter is some thousand units of 2^-12
    EXPECT_NEAR(result.sd, 0.25 * std::sqrt(1000.0 / 999.0), 1e-4);
}

double sum_of(const std::vector<double>& values) {
    OrderFreeSum sum;
    for (const double value : values) {
        sum.add(value);
    }
    return sum.value();
}

TEST(FixedPoint, OrderFreeSum) {
    std::vector<double> values{1e10, 0.1, -1e10, 0.2, 3.5};
    const double straight = sum_of(values);
    std::sort(values.begin(), values.end());
    EXPECT_EQ(sum_of(values), straight);
    EXPECT_NEAR(straight, 3.8, 1e-15);
    EXPECT_EQ(sum_of({}), 0.0);
}

TEST(FixedPoint, OrderFreeSumIsExact) {
    const double smallest = std::numeric_limits<double>::denorm_min();
    EXPECT_EQ(sum_of({1e300, smallest, -1e300}), smallest);
    EXPECT_EQ(sum_of({0x1p100, 1.0, -0x1p100, 0x1p-60}), 1.0 + 0x1p-60);
    EXPECT_EQ(sum_of({-3.0 * smallest, 0x1p-1022, -0x1p-1022}), -3.0 * smallest);
    EXPECT_EQ(sum_of(std::vector<double>(1'000, 0.1)), 0.1 * 1'000);  // the product is rounded once too
    EXPECT_EQ(sum_of({std::numeric_limits<double>::max() / 2, std::numeric_limits<double>::max() / 2}),
              std::numeric_limits<double>::max());
}

}  // namespace
}  // namespace clv
