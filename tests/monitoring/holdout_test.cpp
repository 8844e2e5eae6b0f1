#include "clv/monitoring/holdout.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/simulation/backend.hpp"

namespace clv {
namespace {

constexpr std::size_t customers = 3'000;
constexpr std::size_t days = 182;

/// Customers whose rate is gamma(2, 20 weeks) and who never leave, seen for 26 to 52 weeks and then for 26 weeks more,
/// in which everybody buys `factor` times as often.
struct World {
    RetailColumns columns;
    PurchaseModel model{PurchaseLaw::nbd, {2.0, 20.0}, TimeUnit::week};
    HoldoutPurchases holdout;

    explicit World(double factor) {
        std::mt19937_64 engine(5);
        std::gamma_distribution<double> rates(2.0, 1.0 / 20.0);
        std::uniform_real_distribution<double> ages(26.0, 52.0);
        holdout.daily.first_purchases.assign(days, 0);
        holdout.daily.repeat_purchases.assign(days, 0);
        holdout.daily.repeat_revenue.assign(days, 0.0);
        columns.law = PurchaseLaw::nbd;
        for (std::size_t i = 0; i < customers; ++i) {
            const double rate = rates(engine);
            const double age = ages(engine);
            const double before = std::poisson_distribution<int>(rate * age)(engine);
            columns.id_hash.push_back(i + 1);
            columns.frequency.push_back(before);
            columns.recency.push_back(before > 0.0 ? age / 2.0 : 0.0);
            columns.age.push_back(age);
            columns.monetary_value.push_back(before > 0.0 ? 10.0 : 0.0);
            columns.margin.push_back(1.0);
            const int after = std::poisson_distribution<int>(rate * factor * days / 7.0)(engine);
            holdout.purchases.push_back(static_cast<std::uint32_t>(after));
            holdout.revenue.push_back(10.0 * after);
            for (int k = 0; k < after; ++k) {
                ++holdout.daily.repeat_purchases[std::uniform_int_distribution<std::size_t>(0, days - 1)(engine)];
            }
        }
        columns.draws.resize(1);
        columns.draws[0].purchase = model.parameters;
    }

    [[nodiscard]] HoldoutComparison compare() const {
        NoProgress progress;
        SimulationSettings settings;
        settings.paths = 400;
        return compare_with_holdout(*make_cpu_backend(0), columns, model, columns.draws.front(), holdout, settings,
                                    progress);
    }
};

TEST(Holdout, ARightForecastIsRight) {
    const HoldoutComparison comparison = World(1.0).compare();
    EXPECT_DOUBLE_EQ(comparison.weeks, 26.0);
    const CustomerForecasts& purchases = comparison.purchases;
    for (const double band : holdout_bands) {
        EXPECT_NEAR(band_coverage(purchases.scores, band), band, 4.0 * std::sqrt(band * (1.0 - band) / customers));
    }
    EXPECT_GT(purchases.total.pit, 0.001);
    EXPECT_LT(purchases.total.pit, 0.99);
    const double expected = std::accumulate(purchases.closed_form.begin(), purchases.closed_form.end(), 0.0);
    EXPECT_NEAR(purchases.total.mean, expected, 4.0 * purchases.total.sd / std::sqrt(400.0));
    EXPECT_LT(mean_crps(purchases.scores), mean_absolute_error(purchases.closed_form, purchases.scores));
    // Without a calendar and with certain parameters the distribution is that of the closed form, path by path.
    for (std::size_t i = 0; i < customers; ++i) {
        ASSERT_EQ(purchases.closed_form_crps[i], purchases.scores[i].crps);
    }
    EXPECT_LT(mean_crps(purchases.scores), mean_absolute_error(purchases.naive, purchases.scores));
    EXPECT_FALSE(comparison.spend);  // nothing was fitted to it
    EXPECT_FALSE(purchases.total_without_calendar);
}

TEST(Holdout, AWrongForecastShows) {
    const HoldoutComparison comparison = World(1.3).compare();
    EXPECT_GT(comparison.purchases.total.pit, 0.99);
    const double covered = band_coverage(comparison.purchases.scores, 0.5);
    EXPECT_GT(std::abs(covered - 0.5), 4.0 * std::sqrt(0.25 / customers));
}

TEST(Holdout, ACalendarWidensTheTotalAndIsComparedWithNone) {
    World world(1.3);
    world.columns.draws[0].calendar.level_sd = 0.2;
    const HoldoutComparison comparison = world.compare();
    const CustomerForecasts& purchases = comparison.purchases;
    ASSERT_TRUE(purchases.total_without_calendar);
    EXPECT_EQ(purchases.total_without_calendar->mean, World(1.3).compare().purchases.total.mean);
    EXPECT_NEAR(purchases.total.sd / purchases.total.mean, 0.2, 0.05);
    EXPECT_GT(purchases.total_without_calendar->pit, 0.99);
    EXPECT_LT(purchases.total.pit, 0.98);
}

TEST(Holdout, WeeksAddUpToTheTotals) {
    World world(1.0);
    world.columns.draws[0].spend = {6.0, 4.0, 15.0};
    const HoldoutComparison comparison = world.compare();
    ASSERT_EQ(comparison.tracking.size(), 26U);
    const TrackedWeek& last = comparison.tracking.back();
    EXPECT_EQ(last.actual, comparison.purchases.actual);
    EXPECT_DOUBLE_EQ(last.mean, comparison.purchases.total.mean);
    EXPECT_EQ(last.low, comparison.purchases.total.quantiles[1]);
    for (std::size_t week = 1; week < 26; ++week) {
        EXPECT_GE(comparison.tracking[week].mean, comparison.tracking[week - 1].mean);
        EXPECT_GE(comparison.tracking[week].actual, comparison.tracking[week - 1].actual);
    }
    ASSERT_TRUE(comparison.spend);
    EXPECT_DOUBLE_EQ(comparison.spend->actual, 10.0 * comparison.purchases.actual);
    double sum = 0.0;
    for (const ForecastScore& score : comparison.spend->scores) {
        sum += score.mean;
    }
    EXPECT_NEAR(sum, comparison.spend->total.mean, 1e-6 * sum);
}

TEST(Holdout, TooLongATimeIsRefused) {
    World world(1.0);
    world.holdout.daily.repeat_purchases.assign(3'700, 0);
    EXPECT_THROW((void)world.compare(), ConfigError);
}

TEST(SeasonalNaive, RepeatsLastYearWhereAYearIsKnown) {
    std::vector<double> weekly;
    for (int week = 0; week < 130; ++week) {
        weekly.push_back(100.0 + 50.0 * std::sin(2.0 * M_PI * week / 52.0));
    }
    const auto yearly = seasonal_naive(weekly, 8);
    ASSERT_TRUE(yearly);
    const double same_weeks = std::accumulate(weekly.begin() + 78, weekly.begin() + 86, 0.0);
    EXPECT_NEAR(yearly->median, same_weeks, 1e-9);
    EXPECT_NEAR(yearly->log_sd, 0.0, 1e-9);  // it never erred
    weekly.resize(40);
    const auto recent = seasonal_naive(weekly, 8);
    ASSERT_TRUE(recent);
    EXPECT_NEAR(recent->median, std::accumulate(weekly.end() - 8, weekly.end(), 0.0), 1e-9);
    EXPECT_GT(recent->quantile(0.95), recent->median);
    EXPECT_NEAR(std::log(recent->quantile(0.95) / recent->median), 1.6449 * recent->log_sd, 1e-3);
    weekly.resize(18);
    EXPECT_FALSE(seasonal_naive(weekly, 8));  // three errors at most
}

}  // namespace
}  // namespace clv
