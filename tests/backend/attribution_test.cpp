// Shares of the variance against closed forms.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "clv/simulation/attribution.hpp"

namespace clv {
namespace {

/// One customer of NBD whose purchases are worth 1, over a year.
RetailColumns one_customer(std::vector<double> shapes) {
    RetailColumns columns;
    columns.law = PurchaseLaw::nbd;
    columns.id_hash = {1};
    columns.frequency = {2};
    columns.recency = {30};
    columns.age = {40};
    columns.monetary_value = {0};
    columns.margin.assign(1, 1.0);
    for (const double r : shapes) {
        columns.draws.push_back({{r, 10.0, 0.0, 0.0}, {}, {}});
    }
    return columns;
}

/// Four hundred of them.
RetailColumns alike_customers(std::vector<double> shapes) {
    RetailColumns columns = one_customer(std::move(shapes));
    for (std::uint64_t i = 2; i <= 400; ++i) {
        columns.id_hash.push_back(i);
        columns.frequency.push_back(2);
        columns.recency.push_back(30);
        columns.age.push_back(40);
        columns.monetary_value.push_back(0);
    }
    columns.margin.assign(400, 1.0);
    return columns;
}

SimulationPlan year_plan() {
    SimulationPlan plan;
    plan.settings.paths = 200'000;
    plan.settings.horizon_months = 12;
    plan.settings.discount_rate = {0.0};
    return plan;
}

constexpr double weeks = 12 * weeks_per_month;

std::vector<SourceShare> shares_of(const RetailColumns& columns) {
    NoProgress progress;
    return attribute_variance(*make_cpu_backend(2), columns, year_plan(), progress);
}

TEST(Attribution, CustomersAreTheVarianceOfTheirRate) {
    const std::vector<SourceShare> shares = shares_of(one_customer({0.4}));
    const double mean = 2.4 / 50.0 * weeks;
    const double of_rate = 2.4 / (50.0 * 50.0) * weeks * weeks;
    const double share = of_rate / (of_rate + mean);
    EXPECT_NEAR(shares[1].first_order, share, 4.0 * shares[1].first_order_se);
    EXPECT_NEAR(shares[2].total, 1.0 - share, 4.0 * shares[2].total_se);  // all else is chance
    EXPECT_NEAR(shares[0].total, 0.0, 1e-12);
    EXPECT_NEAR(shares[3].total, 0.0, 1e-12);
    EXPECT_LT(shares[1].first_order_se, 0.02);
}

TEST(Attribution, ParametersAreTheVarianceBetweenTheirDraws) {
    const std::vector<SourceShare> shares = shares_of(one_customer({0.4, 4.4}));
    const double low = 2.4 / 50.0 * weeks;
    const double high = 6.4 / 50.0 * weeks;
    const double between = 0.25 * (high - low) * (high - low);
    const double within = 0.5 * (low + high) * (1.0 + weeks / 50.0);
    EXPECT_NEAR(shares[0].first_order, between / (between + within), 4.0 * shares[0].first_order_se);
}

TEST(Attribution, WhatIsUncertainOfTheCalendarIsTheMarkets) {
    RetailColumns columns = alike_customers({0.4, 0.4});
    columns.draws[0].calendar.level = -0.3;
    columns.draws[1].calendar.level = 0.3;
    SimulationPlan plan = year_plan();
    plan.settings.paths = 4'000;
    NoProgress progress;
    const std::vector<SourceShare> shares = attribute_variance(*make_cpu_backend(2), columns, plan, progress);
    EXPECT_EQ(shares[0].total, 0.0);  // both draws have the same parameters
    const double mean = 400.0 * 2.4 / 50.0 * weeks;
    const double between = mean * mean * std::sinh(0.3) * std::sinh(0.3);
    const double within = mean * std::cosh(0.3) + 400.0 * 2.4 / 2500.0 * weeks * weeks * std::cosh(0.6);
    EXPECT_NEAR(shares[3].first_order, between / (between + within), 4.0 * shares[3].first_order_se);
}

TEST(Attribution, TheMarketIsWhatManyCustomersShare) {
    RetailColumns columns = alike_customers({0.4});
    columns.draws[0].calendar.level_sd = 0.2;
    SimulationPlan plan = year_plan();
    plan.settings.paths = 4'000;
    NoProgress progress;
    const std::vector<SourceShare> shares = attribute_variance(*make_cpu_backend(2), columns, plan, progress);
    // total given the level: mean M e^L, variance M e^L + M e^2L w / 50 with M = 400 x 2.4 / 50 x w
    const double mean = 400.0 * 2.4 / 50.0 * weeks;
    const double growth = std::exp(0.02);
    const double shared = mean * mean * (std::exp(0.08) - std::exp(0.04));
    const double own = mean * growth + mean * std::exp(0.08) * weeks / 50.0;
    EXPECT_NEAR(shares[3].first_order, shared / (shared + own), 4.0 * shares[3].first_order_se);
    EXPECT_GT(shares[3].first_order, 0.8);
    // a planted error: the market taken for the customers
    EXPECT_GT(std::abs(shares[1].first_order - shared / (shared + own)), 4.0 * shares[1].first_order_se);
}

}  // namespace
}  // namespace clv
