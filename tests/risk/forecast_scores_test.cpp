#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "clv/risk/forecast_scores.hpp"

namespace clv {
namespace {

TEST(ForecastScores, CrpsOfOnePathIsTheAbsoluteError) {
    EXPECT_DOUBLE_EQ(score_values(std::vector{3.0}, 5.0, 0.5).crps, 2.0);
    EXPECT_DOUBLE_EQ(score_values(std::vector{3.0}, 1.0, 0.5).crps, 2.0);
}

/// E|X - y| - E|X - X'| / 2.
double crps_by_pairs(const std::vector<double>& paths, double actual) {
    double near = 0.0;
    double apart = 0.0;
    for (const double x : paths) {
        near += std::abs(x - actual);
        for (const double other : paths) {
            apart += std::abs(x - other);
        }
    }
    const auto n = static_cast<double>(paths.size());
    return near / n - 0.5 * apart / (n * n);
}

TEST(ForecastScores, CrpsIsThatOfThePairs) {
    const std::vector<double> paths{0.0, 0.0, 1.0, 2.0, 2.0, 5.0, 9.0};
    for (const double actual : {-1.0, 0.0, 0.5, 2.0, 4.0, 9.0, 12.0}) {
        EXPECT_NEAR(score_values(paths, actual, 0.5).crps, crps_by_pairs(paths, actual), 1e-12) << actual;
    }
}

TEST(ForecastScores, CrpsOfANormalIsAsPublished) {
    // Gneiting and Raftery 2007, equation 21: at its own mean, sigma (sqrt(2 / pi) - 1 / sqrt(pi))
    std::mt19937_64 engine(3);
    std::normal_distribution<double> normal(10.0, 2.0);
    std::vector<double> paths(200'000);
    std::ranges::generate(paths, [&] { return normal(engine); });
    EXPECT_NEAR(score_values(paths, 10.0, 0.5).crps, 2.0 * (std::sqrt(2.0 / M_PI) - std::sqrt(1.0 / M_PI)), 0.01);
}

/// Forecasts of Poisson counts with mean `stated` where the truth has mean 2.
std::vector<ForecastScore> poisson_scores(double stated) {
    std::mt19937_64 engine(11);
    std::poisson_distribution<std::uint32_t> truth(2.0);
    std::poisson_distribution<std::uint32_t> forecast(stated);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    std::vector<ForecastScore> scores;
    std::vector<std::uint32_t> paths(500);
    for (int i = 0; i < 4'000; ++i) {
        std::ranges::generate(paths, [&] { return forecast(engine); });
        scores.push_back(score_counts(paths, truth(engine), uniform(engine)));
    }
    return scores;
}

TEST(ForecastScores, RightForecastsOfCountsCoverAndHaveUniformPits) {
    const std::vector<ForecastScore> scores = poisson_scores(2.0);
    for (const double level : {0.5, 0.8, 0.9, 0.95}) {
        EXPECT_NEAR(band_coverage(scores, level), level, 4.0 * std::sqrt(level * (1.0 - level) / 4'000.0)) << level;
    }
    for (const double share : pit_histogram(scores, 10)) {
        EXPECT_NEAR(share, 0.1, 4.0 * std::sqrt(0.09 / 4'000.0));
    }
}

TEST(ForecastScores, WrongForecastsDoNot) {
    const std::vector<ForecastScore> scores = poisson_scores(3.0);
    EXPECT_LT(band_coverage(scores, 0.9), 0.9 - 4.0 * std::sqrt(0.09 / 4'000.0));
    EXPECT_GT(mean_crps(scores), mean_crps(poisson_scores(2.0)));
}

TEST(ForecastScores, IntervalScore) {
    EXPECT_DOUBLE_EQ(interval_score(1.0, 3.0, 2.0, 0.9), 2.0);
    EXPECT_DOUBLE_EQ(interval_score(1.0, 3.0, 3.5, 0.9), 2.0 + 20.0 * 0.5);
    EXPECT_DOUBLE_EQ(interval_score(1.0, 3.0, 0.0, 0.8), 2.0 + 10.0);
}

TEST(ForecastScores, MeansAndQuantiles) {
    const std::vector<std::uint32_t> paths{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    const ForecastScore score = score_counts(paths, 25, 0.5);
    EXPECT_DOUBLE_EQ(score.mean, 9.5);
    EXPECT_DOUBLE_EQ(score.low, 0.0);
    EXPECT_DOUBLE_EQ(score.high, 18.0);
    EXPECT_GT(score.pit, 20.0 / 21.0);
    const std::vector<double> naive{20.0};
    EXPECT_DOUBLE_EQ(mean_absolute_error(naive, std::vector{score}), 5.0);
}

}  // namespace
}  // namespace clv
