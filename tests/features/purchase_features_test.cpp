// Features at a snapshot against what is counted from the purchases themselves, in another way.

#include "clv/features/purchase_features.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "clv/data/histories/purchase_history_builder.hpp"

namespace clv {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

struct Purchase {
    sys_days day;
    double revenue;
};
using Purchases = std::map<std::string, std::vector<Purchase>>;

PurchaseFeatures features_of(const Purchases& purchases, const ObservationSettings& observation, sys_days last_day) {
    PurchaseFeatureBuilder features(observation.time_unit);
    PurchaseHistoryBuilder builder(observation, last_day, &features);
    for (const auto& [id, of_customer] : purchases) {
        for (const Purchase& purchase : of_customer) {
            builder.add(id, purchase.day, purchase.revenue);
        }
    }
    static_cast<void>(std::move(builder).finish());
    return std::move(features).finish();
}

double value(const PurchaseFeatures& features, const std::string& name, std::size_t customer) {
    const auto found = std::ranges::find(purchase_features(), name, &PurchaseFeature::name);
    if (found == purchase_features().end()) {
        throw std::logic_error("no feature " + name);
    }
    return (*found)(features, customer);
}

TEST(PurchaseFeatures, OfTwoCustomersByHand) {
    const sys_days end = 2024y / 6 / 30;
    const PurchaseFeatures features = features_of(
        {{"a",
          {{end - days(70), 10.0}, {end - days(70), 5.0}, {end - days(40), 20.0}, {end - days(30), 1.0}, {end, 2.0}}},
         {"b", {{end - days(29), 7.0}}}},
        {.observation_end = {}, .holdout = {}, .time_unit = TimeUnit::day}, end);
    ASSERT_EQ(features.size(), 2U);
    EXPECT_EQ(value(features, "since_last", 0), 0.0);
    EXPECT_EQ(value(features, "since_last", 1), 29.0);
    EXPECT_EQ(value(features, "revenue", 0), 38.0);
    EXPECT_DOUBLE_EQ(value(features, "tenure_months", 0), 70.0 / days_per_month);
    // gaps 30, 10, 30
    EXPECT_DOUBLE_EQ(value(features, "gap_mean", 0), 70.0 / 3);
    EXPECT_DOUBLE_EQ(value(features, "gap_sd", 0), std::sqrt(400.0 / 3));
    EXPECT_DOUBLE_EQ(value(features, "gap_cv", 0), std::sqrt(400.0 / 3) / (70.0 / 3));
    EXPECT_TRUE(std::isnan(value(features, "gap_mean", 1)));
    // the day 30 days ago belongs to the window before
    EXPECT_EQ(value(features, "purchases_30d", 0), 1.0);
    EXPECT_EQ(value(features, "purchases_before_30d", 0), 2.0);
    EXPECT_DOUBLE_EQ(value(features, "purchases_trend_30d", 0), -1.0 / 3);
    EXPECT_EQ(value(features, "revenue_before_30d", 0), 21.0);
    EXPECT_DOUBLE_EQ(value(features, "revenue_trend_30d", 0), -19.0 / 23);
    // younger than both windows
    EXPECT_EQ(value(features, "purchases_90d", 0), 4.0);
    EXPECT_TRUE(std::isnan(value(features, "purchases_trend_90d", 0)));
    EXPECT_EQ(value(features, "revenue_30d", 1), 7.0);
    EXPECT_TRUE(std::isnan(value(features, "purchases_trend_30d", 1)));
    EXPECT_EQ(cohort_names(features.cohorts), (std::vector<std::string>{"2024-04", "2024-05", "2024-06"}));
    EXPECT_EQ(features.cohort(1), 2U);
    ASSERT_EQ(features.cohorts.cohorts.size(), 3U);
    EXPECT_EQ(features.cohorts.cohorts[1].customers, 0U);
    const std::vector<CohortMonth>& april = features.cohorts.cohorts[0].months;
    ASSERT_EQ(april.size(), 3U);
    EXPECT_EQ(april[1].active, 1U);
    EXPECT_EQ(april[1].purchases, 2U);
    EXPECT_EQ(april[1].revenue, 21.0);
    EXPECT_TRUE(features.cohorts.last_month_is_complete);
}

TEST(PurchaseFeatures, AClockworkHasNoVariation) {
    const sys_days start = 2024y / 1 / 1;
    const PurchaseFeatures features =
        features_of({{"a", {{start, 1}, {start + days(7), 1}, {start + days(14), 1}, {start + days(21), 1}}}}, {},
                    start + days(30));
    EXPECT_EQ(value(features, "gap_mean", 0), 1.0);  // weeks
    EXPECT_EQ(value(features, "gap_cv", 0), 0.0);
    EXPECT_TRUE(features.cohorts.last_month_is_complete);  // 31 January
}

TEST(PurchaseFeatures, SeesNothingAfterTheSnapshot) {
    const sys_days start = 2024y / 1 / 1;
    const Purchases all{{"a", {{start, 1}, {start + days(9), 2}, {start + days(40), 4}}},
                        {"late", {{start + days(20), 8}}}};
    const ObservationSettings until{.observation_end = start + days(10), .holdout = {}, .time_unit = TimeUnit::day};
    const ObservationSettings held_out{
        .observation_end = start + days(60), .holdout = start + days(10), .time_unit = TimeUnit::day};
    for (const ObservationSettings& observation : {until, held_out}) {
        const PurchaseFeatures features = features_of(all, observation, start + days(60));
        ASSERT_EQ(features.size(), 1U);
        EXPECT_EQ(features.snapshot, start + days(10));
        EXPECT_EQ(value(features, "revenue", 0), 3.0);
        EXPECT_EQ(value(features, "since_last", 0), 1.0);
        ASSERT_EQ(features.cohorts.cohorts.size(), 1U);
        EXPECT_EQ(features.cohorts.cohorts[0].months.size(), 1U);
        EXPECT_EQ(features.cohorts.cohorts[0].months[0].revenue, 3.0);
    }
}

/// Random purchases, counted again customer by customer and month by month from the list of all of them.
TEST(PurchaseFeatures, AgreeWithACountOfEveryPurchase) {
    std::mt19937 random(7);
    const sys_days start = 2022y / 3 / 5;
    const sys_days end = start + days(700);
    Purchases purchases;
    for (int c = 0; c < 300; ++c) {
        auto& of_customer = purchases["c" + std::to_string(1000 + c)];
        sys_days day = start + days(random() % 650);
        for (int n = 0; n < 1 + static_cast<int>(random() % 12) && day <= end; ++n) {
            of_customer.push_back({day, 1.0 + static_cast<double>(random() % 1000) / 4.0});
            day += days(1 + random() % 60);
        }
    }
    const PurchaseFeatures features = features_of(purchases, {}, end);
    ASSERT_EQ(features.size(), purchases.size());
    std::map<std::pair<int, int>, CohortMonth> cells;
    std::map<int, std::uint32_t> sizes;
    std::size_t i = 0;
    for (const auto& [id, of_customer] : purchases) {
        std::vector<double> gaps;
        std::map<int, int> months;
        const int cohort = month_number(of_customer.front().day);
        ++sizes[cohort];
        for (std::size_t n = 0; n < of_customer.size(); ++n) {
            if (n > 0) {
                gaps.push_back(static_cast<double>((of_customer[n].day - of_customer[n - 1].day).count()) / 7.0);
            }
            CohortMonth& cell = cells[{cohort, month_number(of_customer[n].day) - cohort}];
            cell.active += months[month_number(of_customer[n].day)]++ == 0 ? 1 : 0;
            ++cell.purchases;
            cell.revenue += of_customer[n].revenue;
        }
        if (gaps.size() >= 2) {
            const double mean = std::accumulate(gaps.begin(), gaps.end(), 0.0) / static_cast<double>(gaps.size());
            double squares = 0.0;
            for (const double gap : gaps) {
                squares += (gap - mean) * (gap - mean);
            }
            const double sd = std::sqrt(squares / static_cast<double>(gaps.size() - 1));
            EXPECT_NEAR(value(features, "gap_mean", i), mean, 1e-12 * mean);
            EXPECT_NEAR(value(features, "gap_sd", i), sd, 1e-9);
        } else {
            EXPECT_TRUE(std::isnan(value(features, "gap_sd", i)));
        }
        for (const int window : feature_windows) {
            double now = 0;
            double before = 0;
            for (const Purchase& purchase : of_customer) {
                now += purchase.day > end - days(window) ? purchase.revenue : 0.0;
                before += purchase.day <= end - days(window) && purchase.day > end - days(2 * window) ? purchase.revenue
                                                                                                      : 0.0;
            }
            EXPECT_EQ(value(features, "revenue_" + std::to_string(window) + "d", i), now);
            EXPECT_EQ(value(features, "revenue_before_" + std::to_string(window) + "d", i), before);
        }
        ++i;
    }
    for (std::size_t c = 0; c < features.cohorts.cohorts.size(); ++c) {
        const int cohort = features.cohorts.first_month + static_cast<int>(c);
        EXPECT_EQ(features.cohorts.cohorts[c].customers, sizes[cohort]);
        ASSERT_EQ(features.cohorts.cohorts[c].months.size(), static_cast<std::size_t>(month_number(end) - cohort + 1));
        for (std::size_t m = 0; m < features.cohorts.cohorts[c].months.size(); ++m) {
            const CohortMonth& expected = cells[{cohort, static_cast<int>(m)}];
            EXPECT_EQ(features.cohorts.cohorts[c].months[m].active, expected.active);
            EXPECT_EQ(features.cohorts.cohorts[c].months[m].purchases, expected.purchases);
            EXPECT_NEAR(features.cohorts.cohorts[c].months[m].revenue, expected.revenue, 1e-6);
        }
    }
}

}  // namespace
}  // namespace clv
