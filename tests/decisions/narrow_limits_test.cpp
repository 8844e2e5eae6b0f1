// Limits that leave next to no room: a number of customers met exactly and costs within a narrow band.

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "clv/decisions/solver/optimizer.hpp"
#include "decisions/random_tables.hpp"

namespace clv {
namespace {

OptimizerSettings narrow(double customers, double cost, double width) {
    OptimizerSettings settings;
    settings.exact = true;
    PlanLimit count;
    count.name = "count";
    count.column = "count";
    count.min = customers;
    count.max = customers;
    PlanLimit spend;
    spend.name = "spend";
    spend.column = "cost";
    spend.min = cost;
    spend.max = cost + width;
    settings.limits = {count, spend};
    return settings;
}

TEST(NarrowLimits, AreProvenInLittleTime) {
    RandomNumbers random(61);
    for (const std::size_t customers : {60U, 100U, 200U}) {
        for (int trial = 0; trial < 3; ++trial) {
            const UpliftTable table = random_table(random, customers, 2, false);
            const auto third = static_cast<double>(customers / 3);
            const ActionPlan plan = plan_actions(table, narrow(third, 2.5 * third, 1.0e-3));
            ASSERT_EQ(plan.status, PlanStatus::optimal) << customers << " " << trial;
            EXPECT_EQ(static_cast<double>(plan.invested), third);
            EXPECT_GE(plan.cost, 2.5 * third);
            EXPECT_LE(plan.cost, 2.5 * third + 1.0e-3);
            EXPECT_LE(plan.expected_profit, plan.relaxed_bound + 1.0e-9);
        }
    }
}

/// A band that hardly any plan meets: the search ends all the same, and says what it has shown.
TEST(NarrowLimits, SearchesEnd) {
    RandomNumbers random(62);
    const UpliftTable table = random_table(random, 80, 2, false);
    OptimizerSettings settings = narrow(30.0, 75.0, 1.0e-12);
    settings.exact = false;
    const ActionPlan plan = plan_actions(table, settings);
    if (plan.status == PlanStatus::infeasible) {
        EXPECT_TRUE(plan.conflict.empty());  // none was found, which is no proof
    } else {
        EXPECT_LE(plan.cost, 75.0 + 1.0e-11);
        EXPECT_GE(plan.upper_bound, plan.expected_profit);
    }
}

}  // namespace
}  // namespace clv
