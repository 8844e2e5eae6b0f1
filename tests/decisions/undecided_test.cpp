#include "clv/decisions/reasons/undecided.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "clv/core/errors.hpp"
#include "clv/decisions/table/objectives.hpp"
#include "decisions/random_tables.hpp"

namespace clv {
namespace {

using Customers = std::vector<std::size_t>;

/// [action][customer]: customers 0..3 at a margin of 1 or 4 between a1 and a2, or a1 and none.
UpliftTable four_customers() {
    UpliftTable table = empty_table(4, 2);
    table.expected_profit = {0.0, 0.0, 0.0, 0.0, 9.0, 9.0, 1.0, 4.0, 8.0, 5.0, -9.0, -9.0};
    table.expected_profit_se = {0.0, 0.0, 0.0, 0.0, 0.6, 0.6, 0.6, 0.6, 0.8, 0.8, 0.8, 0.8};
    return table;
}

TEST(Undecided, WithinSoManyErrorsOfTheDifference) {
    const UpliftTable table = four_customers();
    const ActionPlan plan = plan_actions(table, {});
    EXPECT_EQ(undecided_customers(table, plan, 2.0), (Customers{0, 2}));  // 1 < 2 hypot(0.6, 0.8), 1 < 2 x 0.6
    EXPECT_EQ(undecided_customers(table, plan, 1.5), (Customers{0}));     // 1 > 1.5 x 0.6
    EXPECT_EQ(undecided_customers(table, plan, 0.9), Customers{});
    EXPECT_EQ(undecided_customers(table, plan, 8.0), (Customers{0, 1, 2, 3}));
}

TEST(Undecided, AtThePricesOfTheLimits) {
    UpliftTable table = four_customers();
    for (std::size_t a = 1; a <= 2; ++a) {
        for (std::size_t i = 0; i < table.size(); ++i) {
            table.cost[table.cell(i, a)] = 1.0;
        }
    }
    OptimizerSettings settings;
    settings.budget = 2.0;  // for customers 0 and 1; customer 3 would be next
    const ActionPlan plan = plan_actions(table, settings);
    ASSERT_EQ(plan.action, (std::vector<std::uint8_t>{1, 1, 0, 0}));
    const double price = plan.multiplier();
    ASSERT_GE(price, 4.0);
    ASSERT_LE(price, 9.0);
    Customers expected{0};
    if (9.0 - price < 1.2) {  // worth it by 9 - price, with an error of 0.6
        expected.push_back(1);
    }
    if (price - 4.0 < 1.2) {
        expected.push_back(3);
    }
    EXPECT_EQ(undecided_customers(table, plan, 2.0), expected);
}

TEST(Undecided, WhatIsNotOpenOrCertainCountsForNothing) {
    UpliftTable table = four_customers();
    table.expected_profit[table.cell(0, 2)] = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t a = 0; a <= 2; ++a) {
        table.expected_profit_se[table.cell(2, a)] = 0.0;
        table.expected_profit[table.cell(2, a)] = 1.0;  // a tie that no path would break
    }
    EXPECT_EQ(undecided_customers(table, plan_actions(table, {}), 2.0), Customers{});
}

TEST(Undecided, ByWhatIsMaximised) {
    UpliftTable table = four_customers();
    charge_switching(table, std::vector<std::uint8_t>{1, 1, 1, 1}, 5.0);
    EXPECT_EQ(undecided_customers(table, plan_actions(table, {}), 2.0), Customers{});
}

TEST(Undecided, NeedsErrors) {
    UpliftTable table = four_customers();
    table.expected_profit_se.clear();
    EXPECT_THROW((void)undecided_customers(table, plan_actions(table, {}), 2.0), InputError);
}

}  // namespace
}  // namespace clv
