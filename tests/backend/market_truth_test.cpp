// The closed form where the market moves hazards, beside what the engine simulates.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "clv/random/elementary.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/closed_form.hpp"
#include "support/subscription_world.hpp"

namespace clv::market_truth {  // in one unit with other tests
namespace {

constexpr std::size_t customers = 40;
constexpr std::uint64_t seeds = 16;

/// Customers from loyal to fickle, with every loading.
SubscriptionColumns world() {
    SubscriptionColumns columns = test::mixed_customers(customers);
    columns.hazards.pool.clear();
    for (std::size_t i = 0; i < customers; ++i) {
        const double churn = 0.004 + 0.09 * static_cast<double>(i % 8) / 7.0;
        columns.hazards.customers[i] = {0, 0, static_cast<float>(-elementary::log1p(-churn))};
    }
    return columns;
}

SimulationPlan plan_at(double sensitivity, std::uint64_t seed) {
    SimulationPlan plan;
    plan.settings.paths = 2'000;
    plan.settings.horizon_months = 30;
    plan.settings.seed = seed;
    plan.market = {0.3, sensitivity};
    Action discount;
    discount.name = "discount";
    discount.price_multiplier.median = 0.9;
    discount.hazard_multiplier.median = 0.6;
    discount.duration_months = 9;
    discount.monthly_cost_share = 0.05;
    Action call;
    call.name = "call";
    call.cost = 2.0;
    call.acceptance = 0.6;
    call.hazard_multiplier = {0.5, 0.0, 0.4};
    plan.actions = {discount, call};
    return plan;
}

/// Mean of z^2 over customers and seeds, of none and of every action's profit, and the largest |z| of a mean over
/// seeds.
struct Scores {
    double square = 0.0;
    double largest = 0.0;
};

std::vector<Scores> compared(double sensitivity, bool with_market, ChurnTiming timing) {
    const SubscriptionColumns columns = world();
    SimulationPlan plan = plan_at(sensitivity, 0);
    plan.settings.churn_timing = timing;
    const MarketSurvival survival(plan.market, plan.settings.horizon_months, plan.actions, {0.003, 0.11}, {0.0, 3.0},
                                  2);
    std::vector<std::vector<double>> truth(3, std::vector<double>(customers));
    for (std::size_t a = 0; a < 3; ++a) {
        const MarketOfCustomers market{survival, a};
        for (std::size_t i = 0; i < customers; ++i) {
            truth[a][i] = expected_value(columns, i, plan.settings, a == 0 ? nullptr : &plan.actions[a - 1],
                                         max_horizon_months, with_market ? &market : nullptr)
                              .clv;
        }
    }
    std::vector<Scores> agreement(3);
    std::vector<std::vector<double>> off(3, std::vector<double>(customers));
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        plan.settings.seed = seed;
        NoProgress progress;
        const SimulationResult result = make_cpu_backend(2)->run(columns, plan, progress);
        for (std::size_t a = 0; a < 3; ++a) {
            for (std::size_t i = 0; i < customers; ++i) {
                const double expected = a == 0 ? truth[0][i] : truth[a][i] - truth[0][i];
                const double mean = a == 0 ? result.actions[0].mean[i] : result.uplift[a - 1].expected_profit[i];
                const double z =
                    (mean - expected) / (a == 0 ? result.actions[0].se[i] : result.uplift[a - 1].expected_profit_se[i]);
                agreement[a].square += z * z / static_cast<double>(customers * seeds);
                off[a][i] += z / std::sqrt(static_cast<double>(seeds));
            }
            for (const double z : off[a]) {
                agreement[a].largest = seed == seeds ? std::max(agreement[a].largest, std::abs(z)) : 0.0;
            }
        }
    }
    return agreement;
}

TEST(MarketTruth, IsWhatPathsMeanWhereTheMarketMovesHazards) {
    for (const ChurnTiming timing : {ChurnTiming::end, ChurnTiming::start}) {
        for (const Scores& of : compared(1.0, true, timing)) {
            // Customers share the market, so this has fewer degrees of freedom than customers times seeds.
            EXPECT_GT(of.square, 0.5);
            EXPECT_LT(of.square, 1.7);
            EXPECT_LT(of.largest, 4.0);
        }
    }
}

TEST(MarketTruth, ThatOfAnotherMarketIsNoticed) {
    for (const Scores& of : compared(1.0, false, ChurnTiming::end)) {
        EXPECT_GT(of.square, 3.0);
        EXPECT_GT(of.largest, 6.0);
    }
}

TEST(MarketTruth, WithoutSensitivityItIsTheClosedForm) {
    const SubscriptionColumns columns = world();
    const SimulationPlan plan = plan_at(0.0, 1);
    const MarketSurvival survival(plan.market, plan.settings.horizon_months, plan.actions, {0.003, 0.11}, {0.0, 3.0},
                                  1);
    for (std::size_t a = 0; a < 3; ++a) {
        const MarketOfCustomers market{survival, a};
        const Action* action = a == 0 ? nullptr : &plan.actions[a - 1];
        for (std::size_t i = 0; i < customers; ++i) {
            const double plain = expected_value(columns, i, plan.settings, action).clv;
            const double tabled = expected_value(columns, i, plan.settings, action, max_horizon_months, &market).clv;
            EXPECT_NEAR(tabled, plain, 2e-7 * (std::abs(plain) + columns.monthly_revenue[i])) << i;
        }
    }
}

TEST(MarketTruth, SurvivalIsTheMeanOverMarkets) {
    // Independent of the engine: plain Monte Carlo over the market, 20,000 walks.
    constexpr double sensitivity = 1.2;
    constexpr int months = 18;
    constexpr double hazard = 0.04;
    constexpr double loading = 1.5;
    const Market market{0.4, sensitivity};
    const MarketSurvival table(market, months, {}, {0.01, 0.2}, {0.0, 2.0}, 1);
    MarketSurvival::Months exact;
    table.fill(0, hazard, loading, exact);
    EXPECT_NEAR(exact.survival[0], 1.0, 1e-12);
    EXPECT_NEAR(exact.revenue[0], 1.0, 1e-12);
    std::mt19937_64 engine(12);
    std::normal_distribution<double> normal;
    constexpr int walks = 20'000;
    double sums[2] = {0.0, 0.0};
    double squares[2] = {0.0, 0.0};
    for (int walk = 0; walk < walks; ++walk) {
        double f = 0.0;
        double cumulative = 0.0;
        for (int month = 1; month <= months; ++month) {
            f += month > 1 ? normal(engine) / std::sqrt(12.0) : 0.0;
            cumulative += std::exp(-sensitivity * f - sensitivity * sensitivity * (month - 1) / 24.0);
        }
        const double k = market.revenue_volatility * loading;
        const double growth = std::exp(k * f - k * k * (months - 1) / 24.0);
        const double alive = std::exp(-hazard * cumulative);
        for (const int which : {0, 1}) {
            const double value = which == 0 ? alive : alive * growth;
            sums[which] += value / walks;
            squares[which] += value * value / walks;
        }
    }
    for (const int which : {0, 1}) {
        const double se = std::sqrt((squares[which] - sums[which] * sums[which]) / walks);
        const double of_table = which == 0 ? exact.survival[months] : exact.revenue[months];
        EXPECT_NEAR(of_table, sums[which], 4.0 * se);
        EXPECT_GT(std::abs(std::exp(-hazard * months) - sums[which]), 10.0 * se);  // what the market changes
    }
}

}  // namespace
}  // namespace clv::market_truth
