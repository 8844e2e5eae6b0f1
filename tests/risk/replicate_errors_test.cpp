#include "clv/risk/replicate_errors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

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

TEST(ReplicateErrors, IsTheSpreadOfTheEstimatesOverFour) {
    std::array<double, replicates> estimates{};
    std::iota(estimates.begin(), estimates.end(), 0.0);
    EXPECT_DOUBLE_EQ(replicate_error(estimates), error_of_rising);
    for (double& estimate : estimates) {
        estimate = 1e15 - 8.0 * estimate;  // its level does not cost digits
    }
    EXPECT_DOUBLE_EQ(replicate_error(estimates), 8.0 * error_of_rising);
    estimates.fill(0.1);
    EXPECT_EQ(replicate_error(estimates), 0.0);
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

TEST(ReplicateErrors, OfQuantilesAndCvarAreThoseOfEachReplicatesOwnValues) {
    const std::vector<double> values = sample(40);  // both tails are whole: the two and the four lowest of a replicate
    ReplicateScratch scratch;
    ReplicateErrors errors;
    const FixedPoint scale(1000.0, 1e5);
    replicate_rank_errors(values, scale, levels(), scratch, errors);
    ASSERT_EQ(errors.quantiles.size(), 2U);
    EXPECT_DOUBLE_EQ(errors.quantiles[0], 1000.0 * error_of_rising);
    EXPECT_DOUBLE_EQ(errors.quantiles[1], 1000.0 * error_of_rising);
    EXPECT_DOUBLE_EQ(errors.cvar, 1000.0 * error_of_rising);

    // One replicate alone is another: its median and its tail move by 160 and 16.
    std::vector<double> moved(values.size(), 0.0);
    for (std::size_t path = 0; path < values.size(); ++path) {
        const double within = values[path] - 1000.0 * static_cast<double>(path % 16);
        moved[path] = path % 16 != 3 ? within : within <= 4.0 ? within + 16.0 : within + 160.0;
    }
    replicate_rank_errors(moved, scale, levels(), scratch, errors);
    EXPECT_DOUBLE_EQ(errors.quantiles[1], 160.0 / 16.0);
    EXPECT_DOUBLE_EQ(errors.quantiles[0], 16.0 / 16.0);
    EXPECT_DOUBLE_EQ(errors.cvar, 16.0 / 16.0);
}

TEST(ReplicateErrors, BuffersServeSamplesOfOtherSizes) {
    const FixedPoint scale(1000.0, 1e5);
    ReplicateScratch scratch;
    ReplicateErrors errors;
    for (const std::size_t points : {std::size_t{125}, std::size_t{1}, std::size_t{640}, std::size_t{125}}) {
        ReplicateScratch fresh;
        ReplicateErrors expected;
        const std::vector<double> values = sample(points);
        replicate_rank_errors(values, scale, levels(), scratch, errors);
        replicate_rank_errors(values, scale, levels(), fresh, expected);
        EXPECT_EQ(errors.quantiles, expected.quantiles) << points;
        EXPECT_EQ(errors.cvar, expected.cvar) << points;
    }
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
    EXPECT_DOUBLE_EQ(figures.quantile_se[1], 1000.0 * error_of_rising);
    EXPECT_DOUBLE_EQ(figures.cvar_se, 1000.0 * error_of_rising);
}

}  // namespace
}  // namespace clv
