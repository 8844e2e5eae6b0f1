#include "clv/risk/replicate_errors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "clv/random/elementary.hpp"
#include "clv/random/philox.hpp"

namespace clv {
namespace {

// 0, 1, .. 15: variance 22 2/3
const double error_of_rising = std::sqrt(68.0 / 3.0) / 4.0;

DistributionLevels levels() {
    return {{DecimalLevel(0.05), DecimalLevel(0.5)}, DecimalLevel(0.1)};
}

/// Replicate r has 1000 r + 1, 1000 r + 2, .. 1000 r + points, in an order of its own.
std::vector<double> sample(std::size_t points) {
    std::vector<double> values(points * replicates);
    for (std::size_t path = 0; path < values.size(); ++path) {
        const std::size_t r = path % replicates;
        const std::size_t point = (path / replicates * 7 + r) % points;
        values[path] = 1000.0 * static_cast<double>(r) + static_cast<double>(point + 1);
    }
    return values;
}

TEST(ReplicateErrors, OfAMeanGroupsPathsModuloSixteen) {
    std::vector<std::int64_t> units(160);
    for (std::size_t path = 0; path < units.size(); ++path) {
        units[path] = 4 * static_cast<std::int64_t>(path % 16) + (path / 16 % 2 == 0 ? 1'000 : -1'000);
    }
    EXPECT_DOUBLE_EQ(replicate_mean_error(units, 0.5), 2.0 * error_of_rising);
    std::sort(units.begin(), units.end());  // other replicates
    EXPECT_GT(std::abs(replicate_mean_error(units, 0.5) - 2.0 * error_of_rising), 1.0);
}

TEST(ReplicateErrors, OfAMeanDoesNotDependOnTheOrderWithinReplicates) {
    std::vector<std::int64_t> units(320);
    for (std::size_t path = 0; path < units.size(); ++path) {
        units[path] = static_cast<std::int64_t>((path * 0x9e3779b97f4a7c15ULL) >> 3);
    }
    const double error = replicate_mean_error(units, 1.0);
    std::rotate(units.begin(), units.begin() + 48, units.end());
    EXPECT_EQ(replicate_mean_error(units, 1.0), error);
}

TEST(ReplicateErrors, OfAMeanHasRoomForTheLargestUnits) {
    constexpr std::int64_t largest = (std::int64_t{1} << 62) - 1;
    std::vector<std::int64_t> units(std::size_t{1} << 14, largest);
    EXPECT_EQ(replicate_mean_error(units, 1.0), 0.0);
    for (std::size_t path = 0; path < units.size(); ++path) {
        units[path] = path % 2 == 0 ? largest : -largest;
    }
    const double expected = static_cast<double>(largest) * std::sqrt(16.0 / 15.0) / 4.0;
    EXPECT_NEAR(replicate_mean_error(units, 1.0), expected, 1e-9 * expected);
}

TEST(ReplicateErrors, PathsNeedNotDivideIntoSixteen) {
    // independent paths: whatever replicates they fall into, the error is that of a mean of independent values
    for (const std::size_t count : {std::size_t{7}, std::size_t{1'000}, std::size_t{4'111}}) {
        double squares = 0.0;
        constexpr std::uint32_t repeats = 2'000;
        for (std::uint32_t repeat = 0; repeat < repeats; ++repeat) {
            std::vector<std::int64_t> units(count);
            for (std::uint32_t i = 0; i < count; ++i) {
                units[i] = static_cast<std::int32_t>(philox<std::uint32_t>(i, repeat, 3U, 0U, 5U, 0U).word[0]);
            }
            const double error = replicate_mean_error(units, 0x1p-32);
            squares += error * error;
        }
        const double expected = 1.0 / 12.0 / static_cast<double>(count);
        const double freedom = static_cast<double>(std::min<std::size_t>(count, 16) - 1);
        EXPECT_NEAR(squares / repeats / expected, 1.0, 4.0 * std::sqrt(2.0 / freedom / repeats)) << count;
    }
    EXPECT_EQ(replicate_mean_error(std::vector<std::int64_t>{5}, 1.0), 0.0);
}

struct RankErrorsOf {
    ReplicateErrors errors;
    explicit RankErrorsOf(const std::vector<double>& values) {
        const FixedPoint scale(1000.0, 1e5);
        const RanksNeeded needed = needed_ranks(values.size(), levels(), RankErrors::none);
        ReplicateScratch scratch;
        SampleParts parts;
        collect_ranks(values, needed, scale, scratch.distribution, parts);
        replicate_rank_errors(values, parts, needed, scale, levels(), scratch, errors);
    }
};

TEST(ReplicateErrors, OfQuantilesAndCvarRestOnWhatLiesBelowInEachReplicate) {
    // Replicates that are alike have no error, whatever their values are.
    std::vector<double> values(640);
    for (std::size_t path = 0; path < values.size(); ++path) {
        values[path] = static_cast<double>(path / 16 * 7 % 40);
    }
    const ReplicateErrors alike = RankErrorsOf(values).errors;
    EXPECT_EQ(alike.quantiles, (std::vector<double>{0.0, 0.0}));
    EXPECT_EQ(alike.cvar, 0.0);

    // One replicate has a tail of its own: 20 more of its paths are below everybody's 10% quantile.
    for (std::size_t path = 3; path < values.size(); path += 32) {
        values[path] = -100.0;
    }
    const ReplicateErrors one = RankErrorsOf(values).errors;
    EXPECT_GT(one.quantiles[0], 0.0);
    EXPECT_GT(one.cvar, 0.0);
}

/// Where paths are independent, replicates say what a plain sample says.
TEST(ReplicateErrors, OfIndependentPathsAreThoseOfAPlainSample) {
    const FixedPoint scale(64.0, 64.0);
    double quantile = 0.0;
    double cvar = 0.0;
    double plain_quantile = 0.0;
    double plain_cvar = 0.0;
    for (std::uint32_t repeat = 0; repeat < 500; ++repeat) {
        std::vector<double> values;
        for (std::uint32_t i = 0; i < 1'000; ++i) {
            const auto word = philox<std::uint32_t>(i, repeat, 4U, 0U, 5U, 0U).word[0];
            values.push_back(-elementary::log((static_cast<double>(word) + 0.5) * 0x1p-32));
        }
        const Distribution replicated = distribution_of_replicates(values, scale, levels());
        const Distribution plain = distribution_of(values, scale, levels());
        quantile += replicated.quantile_se[0] * replicated.quantile_se[0];
        cvar += replicated.cvar_se * replicated.cvar_se;
        plain_quantile += plain.quantile_se[0] * plain.quantile_se[0];
        plain_cvar += plain.cvar_se * plain.cvar_se;
    }
    EXPECT_NEAR(std::sqrt(quantile / plain_quantile), 1.0, 0.06);
    EXPECT_NEAR(std::sqrt(cvar / plain_cvar), 1.0, 0.06);
}

TEST(ReplicateErrors, OfGainsAreThoseOfTheDifferences) {
    const std::vector<double> without = sample(20);
    std::vector<double> values = without;
    for (std::size_t path = 0; path < values.size(); ++path) {
        values[path] += 2.0 * static_cast<double>(path % 16);
    }
    const FixedPoint scale(1000.0, 1e5);
    ReplicateScratch scratch;
    EXPECT_DOUBLE_EQ(replicate_gain_error(values, without, scale, scratch), 2.0 * error_of_rising);
    EXPECT_DOUBLE_EQ(replicate_mean_error(values, scale, scratch), 1002.0 * error_of_rising);
}

TEST(ReplicateErrors, ASummaryHasTheFiguresOfAllValues) {
    const std::vector<double> values = sample(40);
    const FixedPoint scale(1000.0, 1e5);
    const Distribution figures = distribution_of_replicates(values, scale, levels());
    const Distribution plain = distribution_of(values, scale, levels());
    EXPECT_EQ(figures.mean, plain.mean);
    EXPECT_EQ(figures.sd, plain.sd);
    EXPECT_EQ(figures.quantiles, plain.quantiles);
    EXPECT_EQ(figures.cvar, plain.cvar);
    EXPECT_EQ(figures.prob_loss, plain.prob_loss);
    EXPECT_DOUBLE_EQ(figures.se, 1000.0 * error_of_rising);
    EXPECT_GT(figures.quantile_se[1], 500.0);
    EXPECT_GT(figures.cvar_se, 0.0);
}

}  // namespace
}  // namespace clv
