// Draws from likelihoods whose distributions are known.

#include "models/likelihood/likelihood_draws.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace clv {
namespace {

struct Moments {
    double mean = 0.0;
    double sd = 0.0;
};

Moments moments(const LikelihoodDraws& draws, auto value) {
    Moments result;
    const auto count = static_cast<double>(draws.points.size());
    for (const Point& at : draws.points) {
        result.mean += value(at) / count;
    }
    for (const Point& at : draws.points) {
        result.sd += (value(at) - result.mean) * (value(at) - result.mean) / count;
    }
    result.sd = std::sqrt(result.sd);
    return result;
}

double first(const Point& at) {
    return at[0];
}

LikelihoodDraws drawn(const FreeLikelihood& likelihood, const Point& start, int threads = 1) {
    LikelihoodDraws draws = draw_from_likelihood(likelihood, start, first, threads);
    EXPECT_EQ(draws.points.size(), likelihood_draw_count);
    EXPECT_TRUE(std::ranges::is_sorted(draws.points, {}, [](const Point& at) { return at[0]; }));
    return draws;
}

TEST(LikelihoodDraws, WithoutDataAreThePrior) {
    const LikelihoodDraws draws = drawn([](const Point&) { return -3.0; }, {2.0, 0.0});
    const Moments one = moments(draws, first);
    const double sd = std::numbers::pi / std::sqrt(3.0);  // of the standard logistic distribution
    const double error = 4.0 / std::sqrt(draws.effective);
    EXPECT_NEAR(one.mean / sd, 0.0, error);
    EXPECT_NEAR(one.sd / sd, 1.0, error);
    EXPECT_GT(draws.effective, 300.0);
}

TEST(LikelihoodDraws, AreTheStartWhereNothingIsPossible) {
    const Point start{1.0, -2.0};
    const LikelihoodDraws draws = drawn([](const Point&) { return -HUGE_VAL; }, start);
    EXPECT_TRUE(std::ranges::all_of(draws.points, [&](const Point& at) { return at == start; }));
}

TEST(LikelihoodDraws, AreNormalWhereTheLikelihoodIs) {
    // x ~ N(0.5, 0.05), y given x ~ N(2 x, 0.02): the prior hardly shows
    const FreeLikelihood likelihood = [](const Point& at) {
        const double x = (at[0] - 0.5) / 0.05;
        const double y = (at[1] - 2.0 * at[0]) / 0.02;
        return -0.5 * (x * x + y * y);
    };
    EXPECT_TRUE(
        is_near_normal(likelihood, {0.5, 1.0}, (Eigen::MatrixXd(2, 2) << 0.0025, 0.005, 0.005, 0.0104).finished()));
    const LikelihoodDraws draws = drawn(likelihood, {0.4, 0.9});
    const double error = 4.0 / std::sqrt(draws.effective);
    const Moments x = moments(draws, first);
    EXPECT_NEAR((x.mean - 0.5) / 0.05, 0.0, error);
    EXPECT_NEAR(x.sd / 0.05, 1.0, error);
    const Moments rest = moments(draws, [](const Point& at) { return at[1] - 2.0 * at[0]; });
    EXPECT_NEAR(rest.mean / 0.02, 0.0, error);
    EXPECT_NEAR(rest.sd / 0.02, 1.0, error);
}

TEST(LikelihoodDraws, OfAChanceThatNobodyTookAreItsPosterior) {
    // none of 200 dropped out: given a uniform prior the chance is Beta(1, 201)
    const FreeLikelihood likelihood = [](const Point& at) { return -200.0 * std::log1p(std::exp(at[0])); };
    EXPECT_FALSE(is_near_normal(likelihood, {-9.0}, (Eigen::MatrixXd(1, 1) << 4.0).finished()));
    const LikelihoodDraws draws = drawn(likelihood, {-9.0});
    const auto chance = [](const Point& at) { return 1.0 / (1.0 + std::exp(-at[0])); };
    const Moments found = moments(draws, chance);
    const double error = 4.0 / std::sqrt(draws.effective);
    EXPECT_NEAR(found.mean * 202.0, 1.0, error);
    EXPECT_NEAR(found.sd * 202.0, std::sqrt(201.0 / 203.0), 2.0 * error);  // of an exponential, whose squares vary more
    for (const double level : {0.05, 0.5, 0.95}) {
        const Point& at = draws.points[static_cast<std::size_t>(level * likelihood_draw_count)];
        EXPECT_NEAR(1.0 - std::pow(1.0 - chance(at), 201.0), level, 0.25 * error) << level;
    }
}

TEST(LikelihoodDraws, AreTheSameForAnyThreads) {
    const FreeLikelihood likelihood = [](const Point& at) { return -std::abs(at[0] - 1.0) - at[1] * at[1]; };
    EXPECT_EQ(drawn(likelihood, {0.0, 0.0}, 1).points, drawn(likelihood, {0.0, 0.0}, 3).points);
}

TEST(OpenEnds, AreThoseThatTheLikelihoodDoesNotExclude) {
    // none of 200: the low end of the chance is open, the high end is not; the second coordinate is known
    const FreeLikelihood likelihood = [](const Point& at) {
        return -200.0 * std::log1p(std::exp(at[0])) - 50.0 * at[1] * at[1];
    };
    EXPECT_EQ(open_ends(likelihood, {-9.0, 0.0}, {}), (std::vector<OpenEnd>{{0, false}}));
    // 20 of 200
    const FreeLikelihood some = [](const Point& at) { return 20.0 * at[0] - 200.0 * std::log1p(std::exp(at[0])); };
    EXPECT_TRUE(open_ends(some, {-std::log(9.0)}, {}).empty());
    // nothing is known of a coordinate
    EXPECT_EQ(open_ends([](const Point&) { return 0.0; }, {0.5}, {}), (std::vector<OpenEnd>{{0, false}, {0, true}}));
}

}  // namespace
}  // namespace clv
