#include "clv/decisions/solver/frontier.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "clv/decisions/solver/optimizer.hpp"
#include "decisions/random_tables.hpp"

namespace clv {
namespace {

double optimum(const UpliftTable& table, double budget) {
    OptimizerSettings settings;
    settings.budget = budget;
    settings.exact = true;
    const ActionPlan plan = plan_actions(table, settings);
    EXPECT_EQ(plan.status, PlanStatus::optimal);
    return plan.expected_profit;
}

TEST(Frontier, EveryPointIsTheOptimumOfItsBudget) {
    RandomNumbers random(11);
    for (int trial = 0; trial < 20; ++trial) {
        const UpliftTable table = random_table(random, 40, 3, trial % 2 == 0);
        const Frontier frontier = efficient_frontier(table, 500);
        for (std::size_t k = 0; k < frontier.points.size(); ++k) {
            const FrontierPoint& point = frontier.points[k];
            ASSERT_NEAR(point.profit, optimum(table, point.budget + 1e-7), 1e-5) << trial << " " << k;
            if (k > 0) {
                const FrontierPoint& before = frontier.points[k - 1];
                ASSERT_GT(point.budget, before.budget);
                ASSERT_GT(point.profit, before.profit);
                ASSERT_LE(point.marginal_roi, before.marginal_roi);
            }
        }
        OptimizerSettings no_limit;
        ASSERT_NEAR(frontier.points.back().profit, plan_actions(table, no_limit).expected_profit, 1e-6);
    }
}

TEST(Frontier, LargeAmountsScale) {
    RandomNumbers random(13);
    UpliftTable table = random_table(random, 300, 3, false);
    const Frontier frontier = efficient_frontier(table, 40);
    constexpr double rate = 1.0e10;  // sums beyond 64 bits of 1e-9
    for (auto* figures : {&table.expected_profit, &table.cost}) {
        for (double& money : *figures) {
            money *= rate;
        }
    }
    const Frontier other = efficient_frontier(table, 40);
    ASSERT_EQ(other.points.size(), frontier.points.size());
    for (std::size_t k = 0; k < frontier.points.size(); ++k) {
        EXPECT_NEAR(other.points[k].budget, rate * frontier.points[k].budget, 1.0e-6 * rate);
        EXPECT_NEAR(other.points[k].profit, rate * frontier.points[k].profit, 1.0e-6 * rate);
    }
}

TEST(Frontier, StagesAddUpToThePoints) {
    RandomNumbers random(12);
    const UpliftTable table = random_table(random, 500, 4, false);
    const Frontier frontier = efficient_frontier(table, 30, true);
    ASSERT_LE(frontier.points.size(), 30U);
    ASSERT_GE(frontier.points.size(), 20U);
    std::vector<double> profit(frontier.points.size(), 0.0);
    std::vector<double> cost(frontier.points.size(), 0.0);
    for (const FrontierStage& stage : frontier.stages) {
        for (std::size_t i = 0; i < table.size(); ++i) {
            for (std::size_t k = stage.from[i]; k < stage.to[i]; ++k) {
                profit[k] += table.expected_profit[table.cell(i, stage.action[i])];
                cost[k] += table.cost[table.cell(i, stage.action[i])];
            }
        }
    }
    for (std::size_t k = 0; k < frontier.points.size(); ++k) {
        EXPECT_NEAR(profit[k], frontier.points[k].profit, 1e-6) << k;
        EXPECT_NEAR(cost[k], frontier.points[k].budget, 1e-6) << k;
    }
}

}  // namespace
}  // namespace clv
