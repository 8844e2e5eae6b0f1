#include "clv/models/calendar.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/models/calendar_filter.hpp"

namespace clv {
namespace {

/// Weeks whose shared intensity follows the model, the last `future` of them still to come.
struct World {
    WeeklyPurchases weeks;
    double future_total = 0.0;
};

constexpr std::size_t past = 40;
constexpr std::size_t future = 39;
constexpr double per_week = 300.0;

World simulate_world(std::uint64_t seed, CalendarParameters parameters) {
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> normal;
    World world;
    double level = CalendarFilter::level_start_sd * normal(engine);
    double cycle = parameters.cycle_sd * normal(engine);
    const double step_sd = parameters.cycle_sd * std::sqrt(1.0 - parameters.persistence * parameters.persistence);
    for (std::size_t w = 0; w < past + future; ++w) {
        level += parameters.level_step_sd * normal(engine);
        cycle = parameters.persistence * cycle + step_sd * normal(engine);
        std::poisson_distribution<int> poisson(per_week * std::exp(level + cycle));
        const double count = poisson(engine);
        if (w < past) {
            world.weeks.actual.push_back(count);
            world.weeks.expected.push_back(per_week);
        } else {
            world.future_total += count;
        }
    }
    return world;
}

/// Share of simulated future totals that lie below `total`.
double share_below(const std::vector<CalendarDraw>& draws, double total, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> normal;
    constexpr std::size_t paths = 3'200;
    std::size_t below = 0;
    for (std::size_t path = 0; path < paths; ++path) {
        const CalendarDraw& draw = draws[path % draws.size()];
        const double deviation = draw.level_sd * normal(engine);
        double level = draw.level + deviation;
        double cycle = draw.cycle + draw.cycle_on_level * deviation + draw.cycle_sd * normal(engine);
        double mean = 0.0;
        for (std::size_t w = 0; w < future; ++w) {
            level += draw.level_step_sd * normal(engine);
            cycle = draw.persistence * cycle + draw.cycle_step_sd * normal(engine);
            mean += per_week * std::exp(level + cycle + (draw.seasonal.empty() ? 0.0 : draw.seasonal[w]));
        }
        below += mean + std::sqrt(mean) * normal(engine) < total ? 1 : 0;
    }
    return static_cast<double>(below) / paths;
}

/// ln N(x | 0, covariance), by Gaussian elimination.
double log_normal_density(std::vector<double> x, std::vector<std::vector<double>> covariance) {
    const std::size_t n = x.size();
    double result = -0.5 * static_cast<double>(n) * std::log(2.0 * std::numbers::pi);
    for (std::size_t k = 0; k < n; ++k) {
        const double pivot = covariance[k][k];
        result -= 0.5 * (std::log(pivot) + x[k] * x[k] / pivot);
        for (std::size_t i = k + 1; i < n; ++i) {
            const double factor = covariance[i][k] / pivot;
            x[i] -= factor * x[k];
            for (std::size_t j = k; j < n; ++j) {
                covariance[i][j] -= factor * covariance[k][j];
            }
        }
    }
    return result;
}

/// Of a series of log intensities seen with normal errors, season and all.
double direct_density(const std::vector<double>& seen, double error, const CalendarParameters& parameters,
                      std::size_t harmonics) {
    const std::size_t n = seen.size();
    std::vector<std::vector<double>> covariance(n, std::vector<double>(n));
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            const double common = static_cast<double>(std::min(i, j));
            const double lag = std::abs(static_cast<double>(i) - static_cast<double>(j));
            double sum = CalendarFilter::level_start_sd * CalendarFilter::level_start_sd +
                         parameters.level_step_sd * parameters.level_step_sd * common +
                         parameters.cycle_sd * parameters.cycle_sd * std::pow(parameters.persistence, lag);
            for (std::size_t k = 1; k <= harmonics; ++k) {
                const double sd = CalendarFilter::season_sd / static_cast<double>(k);
                sum += sd * sd * std::cos(2.0 * std::numbers::pi * static_cast<double>(k) * lag / (365.25 / 7.0));
            }
            covariance[i][j] = sum + (i == j ? error : 0.0);
        }
    }
    return log_normal_density(seen, covariance);
}

double filtered_density(const std::vector<double>& seen, double error, const CalendarParameters& parameters,
                        std::size_t harmonics) {
    CalendarFilter filter(parameters, harmonics);
    double sum = 0.0;
    for (std::size_t w = 0; w < seen.size(); ++w) {
        if (w > 0) {
            filter.step();
        }
        sum += filter.observe(season_row(static_cast<int>(w), harmonics), seen[w], error);
    }
    return sum;
}

const std::vector<double> short_series{0.20, 0.11, -0.05, 0.31, 0.02, -0.18, -0.22, 0.07, 0.15};

TEST(CalendarFilter, LikelihoodIsTheJointNormalDensity) {
    for (const std::size_t harmonics : {0U, 2U, 6U}) {
        for (const CalendarParameters& at : {CalendarParameters{0.4, 0.2, 0.02}, CalendarParameters{0.9, 0.1, 0.1},
                                             CalendarParameters{0.0, 0.3, 0.0}}) {
            EXPECT_NEAR(filtered_density(short_series, 0.01, at, harmonics),
                        direct_density(short_series, 0.01, at, harmonics), 1e-10);
        }
    }
    // A wrong persistence, step or season is seen.
    const double right = direct_density(short_series, 0.01, {0.4, 0.2, 0.02}, 2);
    EXPECT_GT(std::abs(filtered_density(short_series, 0.01, {0.45, 0.2, 0.02}, 2) - right), 1e-3);
    EXPECT_GT(std::abs(filtered_density(short_series, 0.01, {0.4, 0.2, 0.03}, 2) - right), 1e-3);
    EXPECT_GT(std::abs(filtered_density(short_series, 0.01, {0.4, 0.2, 0.02}, 1) - right), 1e-3);
}

TEST(CalendarFilter, CountsAreAPoissonLikelihood) {
    // The first week against the integral over its log intensity: usual or apart, N(0, variance).
    constexpr double actual = 7.0;
    constexpr double expected = 5.0;
    const CalendarParameters parameters{0.5, 0.2, 0.02};
    const auto marginal = [&](double variance) {
        double sum = 0.0;
        constexpr double width = 1e-3;
        for (double f = -6.0; f <= 6.0; f += width) {
            sum +=
                width *
                std::exp(actual * std::log(expected * std::exp(f)) - expected * std::exp(f) - 0.5 * f * f / variance) /
                std::sqrt(2.0 * std::numbers::pi * variance);
        }
        return sum;
    };
    const double usual = CalendarFilter::level_start_sd * CalendarFilter::level_start_sd + 0.2 * 0.2;
    const double exact = std::log(0.95 * marginal(usual) + 0.05 * marginal(usual + 1.0));
    CalendarFilter filter(parameters, 0);
    EXPECT_NEAR(filter.observe_count({}, actual, expected), exact, 0.01);
}

TEST(CalendarFilter, AClosedWeekDoesNotPullItsNeighbours) {
    CalendarFilter filter({0.5, 0.15, 0.01}, 0);
    for (int w = 0; w < 20; ++w) {
        filter.step();
        (void)filter.observe_count({}, 200.0, 200.0);
    }
    filter.step();
    (void)filter.observe_count({}, 0.0, 200.0);
    EXPECT_GT(filter.mean()[0] + filter.mean()[1], -0.1);
    filter.step();
    (void)filter.observe_count({}, 200.0, 200.0);
    EXPECT_NEAR(filter.mean()[0] + filter.mean()[1], 0.0, 0.03);
}

TEST(Calendar, BandsOfTotalsHold) {
    // Worlds drawn from the prior: the bands must hold exactly, up to Laplace's approximation and the grid.
    constexpr int worlds = 120;
    int within_80 = 0;
    int within_90 = 0;
    int constant_within_90 = 0;
    int persistences = 0;
    int cycle_sds = 0;
    int level_step_sds = 0;
    const auto holds = [](const Estimate& estimate, double truth) {
        return estimate.low <= truth && truth <= estimate.high ? 1 : 0;
    };
    for (std::uint64_t seed = 0; seed < worlds; ++seed) {
        std::mt19937_64 engine(seed + 1'000);
        std::normal_distribution<double> normal;
        const CalendarParameters truth{0.95 * std::sqrt(std::uniform_real_distribution<double>()(engine)),
                                       0.20 * std::abs(normal(engine)), 0.025 * std::abs(normal(engine))};
        const World world = simulate_world(seed, truth);
        const CalendarFit fit = fit_calendar(world.weeks, future);
        ASSERT_EQ(fit.status, CalendarStatus::estimated);
        persistences += holds(fit.persistence, truth.persistence);
        cycle_sds += holds(fit.cycle_sd, truth.cycle_sd);
        level_step_sds += holds(fit.level_step_sd, truth.level_step_sd);
        const double off = std::abs(share_below(fit.draws, world.future_total, seed) - 0.5);
        within_80 += off <= 0.40 ? 1 : 0;
        within_90 += off <= 0.45 ? 1 : 0;
        const double without = std::abs(share_below({CalendarDraw{}}, world.future_total, seed) - 0.5);
        constant_within_90 += without <= 0.45 ? 1 : 0;
    }
    EXPECT_NEAR(within_80, 0.8 * worlds, 4.0 * std::sqrt(worlds * 0.8 * 0.2));
    EXPECT_NEAR(within_90, 0.9 * worlds, 4.0 * std::sqrt(worlds * 0.9 * 0.1));
    EXPECT_LT(constant_within_90, 0.5 * worlds);  // what this test is there to see
    const double least = 0.95 * worlds - 4.0 * std::sqrt(worlds * 0.95 * 0.05);
    EXPECT_GE(persistences, least);
    EXPECT_GE(cycle_sds, least);
    EXPECT_GE(level_step_sds, least);
    RecordProperty("within_80", within_80);
    RecordProperty("within_90", within_90);
    RecordProperty("constant_within_90", constant_within_90);
    RecordProperty("persistence_in_95", persistences);
    RecordProperty("cycle_sd_in_95", cycle_sds);
    RecordProperty("level_step_sd_in_95", level_step_sds);
}

TEST(Calendar, ASeasonIsCarriedOnOnceTwoYearsAreKnown) {
    WeeklyPurchases weeks;
    const auto factor = [](int week) { return 0.3 * std::sin(2.0 * std::numbers::pi * week * 7.0 / 365.25); };
    for (int w = -104; w < 0; ++w) {
        weeks.expected.push_back(1'000.0);
        weeks.actual.push_back(std::round(1'000.0 * std::exp(factor(w))));
    }
    const CalendarFit fit = fit_calendar(weeks, 52);
    for (const int w : {0, 13, 26, 39}) {
        double mean = 0.0;
        for (const CalendarDraw& draw : fit.draws) {
            mean += (draw.level + draw.cycle * std::pow(draw.persistence, w + 1) +
                     draw.seasonal[static_cast<std::size_t>(w)]) /
                    static_cast<double>(fit.draws.size());
        }
        EXPECT_NEAR(mean, factor(w), 0.08) << w;
    }
}

TEST(Calendar, TheLevelPromisesNoGrowth) {
    const World world = simulate_world(3, {0.5, 0.1, 0.03});
    const CalendarFit fit = fit_calendar(world.weeks, 520);
    for (const CalendarDraw& draw : fit.draws) {
        EXPECT_NEAR(draw.seasonal[519] + 0.5 * draw.level_step_sd * draw.level_step_sd * 520.0, 0.0, 1e-12);
    }
}

TEST(Calendar, SameWeeksSameDraws) {
    const World world = simulate_world(11, {0.5, 0.15, 0.02});
    const CalendarFit first = fit_calendar(world.weeks, 5, 16);
    const CalendarFit again = fit_calendar(world.weeks, 5, 16);
    ASSERT_EQ(first.draws.size(), 16U);
    for (std::size_t k = 0; k < 16; ++k) {
        EXPECT_EQ(first.draws[k].level, again.draws[k].level);
        EXPECT_EQ(first.draws[k].cycle_sd, again.draws[k].cycle_sd);
        EXPECT_EQ(first.draws[k].seasonal, again.draws[k].seasonal);
    }
}

TEST(Calendar, SaysWhenThereIsTooLittleToGoBy) {
    const auto is_constant = [](const WeeklyPurchases& weeks) {
        const CalendarFit fit = fit_calendar(weeks, 10, 4);
        return fit.status == CalendarStatus::constant && fit.warnings.size() == 1 && fit.draws.size() == 4 &&
               fit.draws[0].level_sd == 0.0 && fit.draws[0].level_step_sd == 0.0 && fit.draws[0].seasonal.empty();
    };
    using Weeks = std::vector<double>;
    EXPECT_TRUE(is_constant({}));
    EXPECT_TRUE(is_constant({Weeks(7, 100.0), Weeks(7, 100.0)}));
    EXPECT_TRUE(is_constant({Weeks(30, 0.0), Weeks(30, 100.0)}));
    EXPECT_TRUE(is_constant({Weeks(30, 3.0), Weeks(30, 0.0)}));
    EXPECT_FALSE(is_constant({Weeks(8, 100.0), Weeks(8, 100.0)}));
    EXPECT_THROW((void)fit_calendar({Weeks(8, 1.0), Weeks(9, 1.0)}, 0), InputError);
    EXPECT_THROW((void)fit_calendar({Weeks(8, -1.0), Weeks(8, 1.0)}, 0), InputError);
    EXPECT_THROW((void)fit_calendar({Weeks(8, 1.0), Weeks(8, std::numeric_limits<double>::infinity())}, 0), InputError);
    EXPECT_THROW((void)fit_calendar({Weeks(8, 1.0), Weeks(8, 1.0)}, 0, 0), ConfigError);
}

TEST(Calendar, WeeksWithoutPurchasesStayFinite) {
    WeeklyPurchases weeks{std::vector<double>(20, 50.0), std::vector<double>(20, 50.0)};
    weeks.actual[4] = 0.0;
    weeks.expected[0] = 0.0;
    weeks.actual[19] = 4'000.0;
    const CalendarFit fit = fit_calendar(weeks, 3);
    EXPECT_EQ(fit.status, CalendarStatus::estimated);
    for (const CalendarDraw& draw : fit.draws) {
        EXPECT_TRUE(std::isfinite(draw.level + draw.cycle + draw.level_sd + draw.cycle_on_level + draw.cycle_sd));
    }
}

TEST(Calendar, WeeksEndWithTheObservation) {
    DailyPurchases daily;
    daily.first_purchases.assign(17, 0);
    daily.repeat_purchases.assign(17, 1);
    daily.first_purchases[0] = 10;
    daily.first_purchases[9] = 5;
    daily.repeat_purchases[2] = 100;  // before the first whole week
    daily.repeat_purchases[3] = 4;
    const auto squared = [](double days) { return days * days / 49.0; };
    const WeeklyPurchases weeks = weekly_purchases(daily, squared);
    ASSERT_EQ(weeks.actual.size(), 2U);
    EXPECT_EQ(weeks.actual[0], 10.0);
    EXPECT_EQ(weeks.actual[1], 7.0);
    EXPECT_NEAR(weeks.expected[0], 10.0 * (squared(9) - squared(2)) + 5.0 * squared(0), 1e-12);
    EXPECT_NEAR(weeks.expected[1], 10.0 * (squared(16) - squared(9)) + 5.0 * squared(7), 1e-12);
    daily.repeat_purchases.pop_back();
    EXPECT_THROW((void)weekly_purchases(daily, [](double t) { return t; }), InputError);
    EXPECT_TRUE(weekly_purchases({}, [](double t) { return t; }).actual.empty());
}

}  // namespace
}  // namespace clv
