#include "clv/decisions/table/objectives.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "clv/core/errors.hpp"
#include "clv/decisions/reasons/reasons.hpp"
#include "clv/decisions/solver/optimizer.hpp"
#include "decisions/random_tables.hpp"

namespace clv {
namespace {

OptimizerSettings settings_of(double budget) {
    OptimizerSettings settings;
    settings.budget = budget;
    return settings;
}

std::size_t changes(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        count += a[i] != b[i] ? 1 : 0;
    }
    return count;
}

TEST(Objectives, NothingChangesAtZero) {
    RandomNumbers random(81);
    UpliftTable table = random_table(random, 50, 3, false);
    const std::vector<double> zeros(table.expected_profit.size(), 0.0);
    weigh_customer_risk(table, zeros, 0.0);
    guard_against_effects(table, zeros, 0.0);
    charge_switching(table, std::vector<std::uint8_t>(50, 0), 0.0);
    EXPECT_TRUE(table.objective.empty());
}

TEST(Objectives, Formulas) {
    UpliftTable table = empty_table(1, 2);
    table.expected_profit = {0.0, 10.0, 8.0};
    const std::vector<double> profit = table.expected_profit;
    weigh_customer_risk(table, std::vector{5.0, 3.0, 9.0}, 0.25);
    EXPECT_EQ(table.objective, (std::vector{0.0, 0.75 * 10.0 - 0.25 * 2.0, 0.75 * 8.0 + 0.25 * 4.0}));
    guard_against_effects(table, std::vector{100.0, 1.0, 2.0}, 1.5);
    EXPECT_EQ(table.objective, (std::vector{0.0, 7.0 - 1.5, 7.0 - 3.0}));  // none has no effect
    charge_switching(table, std::vector<std::uint8_t>{2}, 0.5);
    EXPECT_EQ(table.objective, (std::vector{-0.5, 5.0, 4.0}));
    EXPECT_EQ(table.expected_profit, profit);
}

TEST(Objectives, PlansReportTheTrueProfit) {
    RandomNumbers random(82);
    UpliftTable table = random_table(random, 80, 3, false);
    const std::vector<double> sd(table.expected_profit.size(), 0.4);
    guard_against_effects(table, sd, 2.0);
    const ActionPlan plan = plan_actions(table, settings_of(60.0));
    double profit = 0.0;
    for (std::size_t i = 0; i < table.size(); ++i) {
        profit += table.expected_profit[table.cell(i, plan.action[i])];
        if (plan.action[i] != 0) {
            EXPECT_GT(table.expected_profit[table.cell(i, plan.action[i])], 0.8);  // what is not worth the doubt is out
        }
    }
    EXPECT_NEAR(plan.expected_profit, profit, 1.0e-6);
    EXPECT_LT(plan.objective, plan.expected_profit - 1.0);
}

TEST(Objectives, APenaltyKeepsPlansStable) {
    RandomNumbers random(83);
    UpliftTable table = random_table(random, 2'000, 3, false);
    for (double& profit : table.expected_profit) {
        profit = std::isnan(profit) ? -1.0 : profit;
    }
    const OptimizerSettings settings = settings_of(2'500.0);
    const std::vector<std::uint8_t> before = plan_actions(table, settings).action;
    UpliftTable rerun = table;
    for (std::size_t cell = table.size(); cell < rerun.expected_profit.size(); ++cell) {
        rerun.expected_profit[cell] += random.amount(2.0) - 1.0;
    }
    const ActionPlan free = plan_actions(rerun, settings);
    UpliftTable charged = rerun;
    charge_switching(charged, before, 1.5);
    const ActionPlan kept = plan_actions(charged, settings);
    EXPECT_GT(changes(before, free.action), 100U);
    EXPECT_LT(10 * changes(before, kept.action), 3 * changes(before, free.action));
    EXPECT_GE(kept.expected_profit, free.expected_profit - 1.5 * static_cast<double>(changes(before, free.action)));
}

TEST(Objectives, WhatIsNotOpenCountsAsNone) {
    UpliftTable table = empty_table(1, 1);
    table.expected_profit[1] = std::numeric_limits<double>::quiet_NaN();
    charge_switching(table, std::vector<std::uint8_t>{1}, 3.0);
    EXPECT_EQ(table.objective[0], 0.0);
    EXPECT_TRUE(std::isnan(table.objective[1]));
}

/// One customer with a safe action and one that earns more and risks more.
UpliftTable safe_and_bold() {
    UpliftTable table = empty_table(1, 2);
    table.expected_profit = {0.0, 4.0, 6.0};
    table.expected_profit_se = {0.0, 0.5, 1.0};
    table.clv_cvar = {20.0, 22.0, 12.0};
    return table;
}

TEST(Objectives, RiskTurnsTheChoice) {
    OptimizerSettings settings;
    EXPECT_EQ(plan_actions(safe_and_bold(), settings).action, (std::vector<std::uint8_t>{2}));
    settings.customer_risk_weight = 0.5;
    UpliftTable table = safe_and_bold();
    adjust_objective(table, settings, {});
    EXPECT_EQ(table.objective, (std::vector{0.0, 0.5 * 4.0 + 0.5 * 2.0, 0.5 * 6.0 - 0.5 * 8.0}));
    const ActionPlan plan = plan_actions(table, settings);
    EXPECT_EQ(plan.action, (std::vector<std::uint8_t>{1}));
    EXPECT_EQ(plan.expected_profit, 4.0);
    EXPECT_EQ(plan.objective, 3.0);
    EXPECT_EQ(PlanReasons(table, plan).of(0),
              "a1 earns 4.00 at no cost, CVaR +2.00: worth 3.00 more than none, counting CVaR at a weight of 0.50");
}

TEST(Objectives, AllTogetherInTheirOrder) {
    OptimizerSettings settings;
    settings.customer_risk_weight = 0.25;
    settings.robustness = 2.0;
    settings.switching_penalty = 0.125;
    UpliftTable table = safe_and_bold();
    adjust_objective(table, settings, std::vector<std::uint8_t>{1});
    EXPECT_EQ(table.objective, (std::vector{-0.125, 3.5 - 1.0, 2.5 - 2.0 - 0.125}));
    const ActionPlan plan = plan_actions(table, settings);
    EXPECT_EQ(
        PlanReasons(table, plan).of(0),
        "a1 earns 4.00 at no cost, CVaR +2.00: worth 2.12 more than a2, counting CVaR at a weight of 0.25 and 2.00 "
        "standard errors off and 0.12 off for a switch");
}

TEST(Objectives, CvarCountsAsItStandsWhereDoingNothingIsNotOpen) {
    UpliftTable table = safe_and_bold();
    table.expected_profit[0] = std::numeric_limits<double>::quiet_NaN();
    table.clv_cvar[0] = std::numeric_limits<double>::quiet_NaN();
    weigh_customer_risk(table, table.clv_cvar, 0.5);
    EXPECT_EQ(table.objective[1], 13.0);
    EXPECT_EQ(table.objective[2], 9.0);
}

TEST(Objectives, WhatAPlanAddsToCvar) {
    UpliftTable table = empty_table(3, 1);
    const std::vector<double> cvar{5.0, 1.0, std::numeric_limits<double>::quiet_NaN(),  // none
                                   2.0, 9.0, 4.0};
    table.expected_profit[2] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(added_customer_cvar(table, cvar, std::vector<std::uint8_t>{1, 0, 1}), (2.0 - 5.0) + 4.0);
    EXPECT_EQ(added_customer_cvar(table, cvar, std::vector<std::uint8_t>{0, 1, 1}), (9.0 - 1.0) + 4.0);
    EXPECT_THROW(static_cast<void>(added_customer_cvar(table, {}, std::vector<std::uint8_t>{0, 0, 0})), InputError);
}

TEST(Objectives, RiskNeedsCvarOfEverythingOpen) {
    OptimizerSettings settings;
    settings.customer_risk_weight = 0.5;
    UpliftTable table = empty_table(1, 1);
    EXPECT_THROW(adjust_objective(table, settings, {}), ConfigError);
    table.clv_cvar = {std::numeric_limits<double>::quiet_NaN(), 1.0};
    EXPECT_THROW(adjust_objective(table, settings, {}), InputError);
    table.clv_cvar = {1.0, std::numeric_limits<double>::infinity()};
    EXPECT_THROW(adjust_objective(table, settings, {}), InputError);
}

TEST(Objectives, Refused) {
    UpliftTable table = empty_table(2, 1);
    const std::vector<double> figures(4, 0.0);
    const std::vector<double> few(3, 0.0);
    std::vector<double> bad = figures;
    bad[3] = -1.0;
    EXPECT_THROW(weigh_customer_risk(table, figures, 1.5), ConfigError);
    EXPECT_THROW(weigh_customer_risk(table, few, 0.5), InputError);
    EXPECT_THROW(guard_against_effects(table, figures, -1.0), ConfigError);
    EXPECT_THROW(guard_against_effects(table, bad, 1.0), InputError);
    EXPECT_THROW(charge_switching(table, std::vector<std::uint8_t>{0, 0}, -0.1), ConfigError);
    EXPECT_THROW(charge_switching(table, std::vector<std::uint8_t>{0, 2}, 1.0), InputError);
    EXPECT_THROW(charge_switching(table, std::vector<std::uint8_t>{0}, 1.0), InputError);
}

}  // namespace
}  // namespace clv
