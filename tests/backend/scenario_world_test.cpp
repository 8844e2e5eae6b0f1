// What a scenario means, against formulas written out here, against actions (which have the same multipliers and
// another implementation), and against closed forms. Statistical bounds are 4 standard errors, seeds are fixed.

#include "clv/simulation/scenario_world.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "clv/simulation/backend.hpp"
#include "clv/simulation/closed_form.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

using test::mixed_customers;
using test::plain_customers;
using test::set_constant_churn;

SimulationResult simulate_world(const SubscriptionColumns& columns, const SimulationPlan& plan) {
    NoProgress progress;
    return make_cpu_backend(1)->run(columns, plan, progress);
}

SimulationResult simulate_world(const ScenarioWorld& world) {
    return simulate_world(world.columns, world.plan);
}

SimulationPlan scenario_plan(std::int64_t paths, int horizon_months) {
    SimulationPlan plan;
    plan.settings.paths = paths;
    plan.settings.horizon_months = horizon_months;
    plan.settings.seed = 314;
    return plan;
}

Action action_of(double hazard, double revenue, double price) {
    Action action;
    action.name = "a";
    action.hazard_multiplier.median = hazard;
    action.revenue_multiplier.median = revenue;
    action.price_multiplier.median = price;
    return action;
}

TEST(ScenarioWorld, MoneyIsThatOfTheFormula) {
    SubscriptionColumns columns = plain_customers(1);
    columns.margin[0] = 0.3;
    columns.retention_cost[0] = 4.0;
    columns.acquisition_cost[0] = 11.0;
    columns.revenue_growth[0] = 0.07;
    Scenario scenario;
    scenario.revenue_multiplier = 0.8;
    scenario.price_multiplier = 1.05;
    scenario.discount_rate = AnnualRate{0.17};
    double expected = -11.0;
    for (int month = 1; month <= 30; ++month) {
        const double revenue = 100.0 * std::pow(1.07, (month - 1) / 12.0);
        expected += (0.8 * revenue * (1.05 - 0.7) - 4.0) * std::pow(1.17, -(month - 0.5) / 12.0);
    }
    const SimulationResult result = simulate_world(scenario_world(columns, scenario_plan(16, 30), scenario));
    EXPECT_NEAR(result.actions[0].mean[0], expected, 1e-12 * expected);
    EXPECT_EQ(result.actions[0].sd[0], 0.0);
}

TEST(ScenarioWorld, ANeutralScenarioChangesNoBit) {
    const SubscriptionColumns columns = mixed_customers(40);
    SimulationPlan plan = scenario_plan(200, 24);
    plan.market = {0.2, 0.3};
    plan.scenarios.resize(3);
    const ScenarioWorld world = scenario_world(columns, plan, Scenario{});
    EXPECT_TRUE(world.plan.scenarios.empty());
    const SimulationResult neutral = simulate_world(world);
    plan.scenarios.clear();
    const SimulationResult base = simulate_world(columns, plan);
    EXPECT_EQ(neutral.totals.unit, base.totals.unit);
    EXPECT_EQ(neutral.totals.values, base.totals.values);
}

TEST(ScenarioWorld, MultipliersAreThoseOfAnActionForEverybodyAlways) {
    const SubscriptionColumns columns = mixed_customers(60);
    const SimulationPlan plan = scenario_plan(1, 48);
    Scenario scenario;
    scenario.hazard_multiplier = 1.3;
    scenario.revenue_multiplier = 0.9;
    scenario.price_multiplier = 1.2;
    const ScenarioWorld world = scenario_world(columns, plan, scenario);
    const Action same = action_of(1.3, 0.9, 1.2);
    const Action other = action_of(1.3, 0.9, 1.21);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const double expected = expected_value(columns, i, plan.settings, &same).clv;
        const double tolerance = 1e-6 * columns.monthly_revenue[i];  // hazards are floats
        const double value = expected_value(world.columns, i, world.plan.settings).clv;
        EXPECT_NEAR(value, expected, tolerance) << i;
        EXPECT_GT(std::abs(value - expected_value(columns, i, plan.settings, &other).clv), tolerance)
            << "planted " << i;
    }
}

TEST(ScenarioWorld, MultipliersOfActionsMultiplyTheScenarios) {
    const SubscriptionColumns columns = mixed_customers(60);
    const SimulationPlan plan = scenario_plan(1, 48);
    Scenario scenario;
    scenario.hazard_multiplier = 1.3;
    scenario.revenue_multiplier = 0.9;
    scenario.price_multiplier = 1.2;
    const ScenarioWorld world = scenario_world(columns, plan, scenario);
    const Action action = action_of(0.7, 1.1, 0.95);
    const Action both = action_of(1.3 * 0.7, 0.9 * 1.1, 1.2 * 0.95);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        EXPECT_NEAR(expected_value(world.columns, i, world.plan.settings, &action).clv,
                    expected_value(columns, i, plan.settings, &both).clv, 1e-6 * columns.monthly_revenue[i])
            << i;
    }
}

TEST(ScenarioWorld, PathsAreThoseOfTheActionToo) {
    const SubscriptionColumns columns = mixed_customers(30);
    SimulationPlan plan = scenario_plan(500, 24);
    plan.market.revenue_volatility = 0.2;
    plan.actions = {action_of(1.0, 0.9, 1.2)};
    Scenario scenario;
    scenario.revenue_multiplier = 0.9;
    scenario.price_multiplier = 1.2;
    const SimulationResult action = simulate_world(columns, plan);
    const SimulationResult world = simulate_world(scenario_world(columns, plan, scenario));
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const double size = 24.0 * columns.monthly_revenue[i];
        for (std::size_t level = 0; level < plan.settings.quantiles.size(); ++level) {
            EXPECT_NEAR(world.actions[0].quantiles[level][i], action.actions[1].quantiles[level][i], 1e-6 * size);
        }
        EXPECT_NEAR(world.actions[0].sd[i], action.actions[1].sd[i], 1e-6 * size);
    }
}

/// Mean of z^2 of simulated means against closed forms, and the largest |z|.
struct WorldAgreement {
    double worst = 0.0;
    double mean_square = 0.0;
};

WorldAgreement agreement(const ScenarioWorld& simulated, const ScenarioWorld& truth) {
    const SimulationResult result = simulate_world(simulated);
    WorldAgreement found;
    for (std::size_t i = 0; i < truth.columns.size(); ++i) {
        const double z = (result.actions[0].mean[i] - expected_value(truth.columns, i, truth.plan.settings).clv) /
                         result.actions[0].se[i];
        found.worst = std::max(found.worst, std::abs(z));
        found.mean_square += z * z / static_cast<double>(truth.columns.size());
    }
    return found;
}

TEST(ScenarioWorld, SimulatedMeansAreTheClosedForms) {
    const SubscriptionColumns columns = mixed_customers(200);
    const SimulationPlan plan = scenario_plan(2'000, 24);
    Scenario scenario;
    scenario.hazard_multiplier = 1.7;
    scenario.revenue_multiplier = 1.1;
    scenario.discount_rate = AnnualRate{0.02};
    const ScenarioWorld world = scenario_world(columns, plan, scenario);
    const double bound = 4.0 * std::sqrt(2.0 / 200.0);
    const WorldAgreement right = agreement(world, world);
    EXPECT_LT(right.worst, 4.0);
    EXPECT_LT(std::abs(right.mean_square - 1.0), bound);
    scenario.hazard_multiplier = 1.6;
    const WorldAgreement planted = agreement(world, scenario_world(columns, plan, scenario));
    EXPECT_GT(planted.mean_square - 1.0, bound);
}

TEST(ScenarioWorld, AMarketShiftMovesRevenueByTheLoading) {
    SubscriptionColumns columns = plain_customers(2);
    columns.market_beta = {1.0, -0.5};
    columns.segments = {"a", "b"};
    columns.segment = {0, 1};
    SimulationPlan plan = scenario_plan(300, 24);
    plan.market.revenue_volatility = 0.25;
    Scenario scenario;
    scenario.market_shift = -1.5;
    const SimulationResult base = simulate_world(columns, plan);
    const SimulationResult shifted = simulate_world(scenario_world(columns, plan, scenario));
    for (std::size_t customer = 0; customer < 2; ++customer) {
        const double factor = std::exp(columns.market_beta[customer] * 0.25 * -1.5);
        for (std::size_t path = 0; path < 300; ++path) {
            const std::size_t at = customer * 300 + path;
            const double before = static_cast<double>(base.totals.values[at]) * base.totals.unit;
            const double after = static_cast<double>(shifted.totals.values[at]) * shifted.totals.unit;
            EXPECT_NEAR(after, factor * before, 1e-5 * before);
        }
    }
}

TEST(ScenarioWorld, AMarketShiftMovesHazardsByTheSensitivity) {
    SubscriptionColumns columns = plain_customers(1);
    set_constant_churn(columns, 0.2);
    SimulationPlan plan = scenario_plan(40'000, 1);  // the market of month 1 is the shift alone
    plan.settings.churn_timing = ChurnTiming::start;
    plan.market.hazard_sensitivity = 0.4;
    Scenario scenario;
    scenario.market_shift = -2.0;
    const double stays = std::pow(0.8, std::exp(0.8));
    const double bound = 4.0 * std::sqrt(stays * (1.0 - stays) / 40'000.0);
    const double share = simulate_world(scenario_world(columns, plan, scenario)).expected_lifetime_months[0];
    EXPECT_NEAR(share, stays, bound);
    scenario.market_shift = -1.9;
    const double planted = simulate_world(scenario_world(columns, plan, scenario)).expected_lifetime_months[0];
    EXPECT_GT(std::abs(planted - stays), bound);
}

TEST(ScenarioWorld, CertainChurnEndsOnlyWithoutAnyHazard) {
    SubscriptionColumns columns = plain_customers(2);
    columns.hazards.pool = {0.0F, certain_churn_hazard};
    columns.hazards.customers = {{0, 2, 0.1F}, {0, 0, certain_churn_hazard}};
    Scenario scenario;
    for (const double multiplier : {0.01, 1000.0}) {
        scenario.hazard_multiplier = multiplier;
        const SimulationResult result = simulate_world(scenario_world(columns, scenario_plan(64, 12), scenario));
        EXPECT_EQ(result.expected_lifetime_months[0], 2.0) << multiplier;
        EXPECT_EQ(result.expected_lifetime_months[1], 1.0) << multiplier;
    }
    scenario.hazard_multiplier = 0.0;
    const SimulationResult result = simulate_world(scenario_world(columns, scenario_plan(64, 12), scenario));
    EXPECT_EQ(result.expected_lifetime_months[0], 12.0);
    EXPECT_EQ(result.expected_lifetime_months[1], 12.0);
}

}  // namespace
}  // namespace clv
