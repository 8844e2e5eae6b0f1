#include "clv/decisions/uplift_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

TEST(UpliftTable, HoldsARunsDifferences) {
    IdColumn ids;
    ids.push_back("x");
    ids.push_back("y");
    SimulationPlan plan;
    plan.actions.resize(2);
    plan.actions[0].name = "call";
    plan.actions[1].name = "discount";
    plan.eligible = {0b11, 0b01};
    const double missing = std::numeric_limits<double>::quiet_NaN();
    SimulationResult result;
    result.uplift = {{{1.0, 2.0}, {0.1, 0.2}, {5.0, 6.0}}, {{3.0, missing}, {0.3, missing}, {7.0, missing}}};

    const UpliftTable table = make_uplift_table(ids, plan, result);
    EXPECT_EQ(table.actions, (std::vector<std::string>{"none", "call", "discount"}));
    EXPECT_EQ(table.expected_profit[table.cell(0, 0)], 0.0);
    EXPECT_EQ(table.expected_profit[table.cell(0, 2)], 3.0);
    EXPECT_EQ(table.expected_profit[table.cell(1, 1)], 2.0);
    EXPECT_EQ(table.expected_profit_se[table.cell(1, 1)], 0.2);
    EXPECT_EQ(table.cost[table.cell(0, 2)], 7.0);
    EXPECT_EQ(table.eligible, (std::vector<std::uint8_t>{1, 1, 1, 1, 1, 0}));

    plan.eligible.clear();
    EXPECT_EQ(make_uplift_table(ids, plan, result).eligible[5], 1);
    ids.push_back("z");
    EXPECT_THROW((void)make_uplift_table(ids, plan, result), ModelError);
    plan.actions.pop_back();
    EXPECT_THROW((void)make_uplift_table(ids, plan, result), ModelError);
}

}  // namespace
}  // namespace clv
