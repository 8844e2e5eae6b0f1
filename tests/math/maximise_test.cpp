#include "clv/math/maximise.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <new>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/math/log_maximum.hpp"

namespace clv {
namespace {

const Box wide{{-50.0, -50.0}, {50.0, 50.0}};

MaximiseSettings settings(NewtonRule rule) {
    return {{.least_step = 1e-9, .least_gain = 1e-13, .most_values = 500}, rule, 5};
}

/// A hill with its top at (1, -2), steeper along one coordinate, whose value there is `top`.
Hill slanted(double top) {
    return [=](const Point& at, Point* gradient) {
        const double x = at[0] - 1.0;
        const double y = at[1] + 2.0;
        if (gradient != nullptr) {
            *gradient = {-8.0 * x - y, -x - 2.0 * y};
        }
        return top - 4.0 * x * x - x * y - y * y;
    };
}

Eigen::MatrixXd slanted_information(const Point& /*at*/) {
    return Eigen::MatrixXd{{8.0, 1.0}, {1.0, 2.0}};
}

TEST(Maximise, FindsTheTopAndItsCurvatureByEitherRule) {
    for (const NewtonRule rule : {NewtonRule::solve, NewtonRule::invert}) {
        const Maximum best = maximise(slanted(3.0), slanted_information, {{10.0, 10.0}}, wide, settings(rule));
        EXPECT_EQ(best.status, FitStatus::converged);
        EXPECT_NEAR(best.at[0], 1.0, 1e-7);
        EXPECT_NEAR(best.at[1], -2.0, 1e-7);
        EXPECT_NEAR(best.value, 3.0, 1e-12);
        ASSERT_EQ(best.covariance.size(), 4);
        EXPECT_NEAR(best.covariance(0, 0), 2.0 / 15.0, 1e-12);
        EXPECT_NEAR(best.covariance(1, 0), -1.0 / 15.0, 1e-12);
        EXPECT_NEAR(best.covariance(1, 1), 8.0 / 15.0, 1e-12);
    }
}

TEST(Maximise, SaysWhyThereIsNoTop) {
    for (const NewtonRule rule : {NewtonRule::solve, NewtonRule::invert}) {
        const Box narrow{{2.0, -50.0}, {50.0, 50.0}};
        const Maximum edge = maximise(slanted(0.0), slanted_information, {{10.0, 10.0}}, narrow, settings(rule));
        EXPECT_EQ(edge.status, FitStatus::at_bound);
        EXPECT_EQ(edge.covariance.size(), 0);
        const Hill ridge = [](const Point& at, Point* gradient) {
            const double along = at[0] + at[1];
            if (gradient != nullptr) {
                *gradient = {-2.0 * along, -2.0 * along};
            }
            return -along * along;
        };
        const auto flat = [](const Point&) { return Eigen::MatrixXd{{2.0, 2.0}, {2.0, 2.0}}; };
        EXPECT_EQ(maximise(ridge, flat, {{1.0, 2.0}}, wide, settings(rule)).status, FitStatus::not_identified);
    }
}

TEST(Maximise, TheHighestOfAllClimbsCounts) {
    const Hill two_hills = [](const Point& at, Point* gradient) {  // tops near -3 and 3, the latter higher
        const double x = at[0];
        if (gradient != nullptr) {
            *gradient = {-x * (x * x - 9.0) + 1.0};
        }
        return -0.25 * (x * x - 9.0) * (x * x - 9.0) + x;
    };
    const ClimbSettings climbing{.least_step = 1e-10, .least_gain = 1e-14, .most_values = 200};
    const Box box{{-10.0}, {10.0}};
    const Peak low = climb(two_hills, {{-2.95}}, box, climbing);
    const Peak high = climb(two_hills, {{-2.95}, {20.0}}, box, climbing);
    EXPECT_LT(low.at[0], -2.0);
    EXPECT_GT(high.at[0], 2.0);
    EXPECT_GT(high.value, low.value);
    EXPECT_TRUE(climb(two_hills, {{-9.0}}, box, {.most_values = 2}).stopped_early);
}

TEST(MaximiseLogs, ErrorsAreThoseOfTheNaturalScale) {
    // n exponential durations that sum to s: the rate's maximum is n / s, the error of its logarithm 1 / sqrt(n)
    constexpr double n = 400.0;
    constexpr double s = 130.0;
    const LogMaximum best = maximise_logs(
        [](const FourParameters& at) {
            return Slope{n * std::log(at[0]) - s * at[0], {n / at[0] - s}};
        },
        1, {1.0}, {{0.1}, {40.0}});
    EXPECT_EQ(best.status, FitStatus::converged);
    EXPECT_NEAR(best.parameters[0], n / s, 1e-8);
    EXPECT_NEAR(best.log_covariance[0][0], 1.0 / n, 1e-8);
    EXPECT_NEAR(best.standard_errors[0], n / s / std::sqrt(n), 1e-6);
}

TEST(Maximise, StopsWhenAskedTo) {
    request_interruption();
    EXPECT_THROW((void)maximise(slanted(3.0), slanted_information, {{10.0, 10.0}}, wide, settings(NewtonRule::solve)),
                 Interrupted);
    clear_interruption();
}

TEST(Maximise, HandsOnWhatTheHillThrows) {
    const Hill broken = [](const Point&, Point*) -> double { throw std::bad_alloc(); };
    EXPECT_THROW((void)climb(broken, {{1.0, 1.0}}, wide, settings(NewtonRule::solve).climb), std::bad_alloc);
}

TEST(Unidentified, ParametersAreHeldAndTheOthersGivenThem) {
    FourByFour sound{{{0.1, 0.05}, {0.05, 0.2}}};
    const FourByFour before = sound;
    EXPECT_FALSE(hold_unidentified(sound, 2));
    EXPECT_EQ(sound, before);

    FourByFour wide_third{{{0.1, 0.05, 3.0}, {0.05, 0.2, -2.0}, {3.0, -2.0, 1.0e4}}};
    EXPECT_TRUE(hold_unidentified(wide_third, 3));
    EXPECT_NEAR(wide_third[0][0], 0.1 - 9.0e-4, 1e-15);
    EXPECT_NEAR(wide_third[0][1], 0.05 + 6.0e-4, 1e-15);
    EXPECT_NEAR(wide_third[1][1], 0.2 - 4.0e-4, 1e-15);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(wide_third[i][2], 0.0);
        EXPECT_EQ(wide_third[2][i], 0.0);
    }
}

TEST(Unidentified, AParameterWithoutCurvatureIsNotConverged) {
    // The second coordinate's log-likelihood is all but flat around its top.
    const LogMaximum best = maximise_logs(
        [](const FourParameters& at) {
            const double x = std::log(at[0]);
            const double y = std::log(at[1]);
            return Slope{-2.0 * x * x - 0.01 * y * y, {-4.0 * x / at[0], -0.02 * y / at[1]}};
        },
        2, {1.0, 1.0, 1.0, 1.0}, {{2.0, 3.0, 1.0, 1.0}});
    EXPECT_EQ(best.status, FitStatus::not_identified);
    EXPECT_NEAR(best.standard_errors[0], 0.5, 1e-3);
    EXPECT_TRUE(std::isnan(best.standard_errors[1]));
    EXPECT_EQ(best.log_covariance[1][1], 0.0);
}

}  // namespace
}  // namespace clv
