#include "clv/decisions/table/uplift_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

UpliftTable make_uplift_table(const IdColumn& ids, const SimulationPlan& plan, const CustomerFigures& figures) {
    UpliftTableBuilder builder(ids, plan);
    builder.take(0, figures);
    return std::move(builder).finish();
}

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
    EXPECT_TRUE(table.is_open(0, 2));
    EXPECT_TRUE(table.is_open(1, 1));
    EXPECT_FALSE(table.is_open(1, 2));

    plan.eligible.clear();
    result.uplift[1] = result.uplift[0];
    EXPECT_TRUE(make_uplift_table(ids, plan, result).is_open(1, 2));
    ids.push_back("z");
    EXPECT_THROW((void)make_uplift_table(ids, plan, result), ModelError);
    plan.actions.pop_back();
    EXPECT_THROW((void)make_uplift_table(ids, plan, result), ModelError);
}

TEST(UpliftTable, KnowsTheMonthsThatActionsAddWhereARunSaysSo) {
    IdColumn ids;
    ids.push_back("x");
    ids.push_back("y");
    SimulationPlan plan;
    plan.actions.resize(2);
    SimulationResult result;
    result.uplift = {{{1, 2}, {0, 0}, {5, 6}}, {{3, 4}, {0, 0}, {7, 8}}};
    EXPECT_TRUE(make_uplift_table(ids, plan, result).added_months.empty());
    result.uplift[0].added_months = {0.5, 1.5};
    result.uplift[1].added_months = {-1, 2};
    UpliftTable table = make_uplift_table(ids, plan, result);
    EXPECT_EQ(table.added_months, (std::vector<double>{0, 0, 0.5, 1.5, -1, 2}));
    EXPECT_TRUE(months_under(table, std::vector<std::uint8_t>{2, 1}).empty());  // months of whom is not known
    table.lifetime_months = {10, 20};
    EXPECT_EQ(months_under(table, std::vector<std::uint8_t>{2, 1}), (std::vector<double>{9, 21.5}));
}

TEST(UpliftTable, IsTheSameFromBatches) {
    IdColumn ids;
    for (const char* id : {"x", "y", "z"}) {
        ids.push_back(id);
    }
    SimulationPlan plan;
    plan.actions.resize(1);
    plan.eligible = {1, 0, 1};
    const auto figures = [](std::vector<double> profit) {
        CustomerFigures batch;
        batch.uplift = {{profit, std::vector(profit.size(), 0.5), std::vector(profit.size(), 2.0)}};
        return batch;
    };
    UpliftTableBuilder builder(ids, plan);
    builder.take(0, figures({1.0, 2.0}));
    builder.take(2, figures({3.0}));
    EXPECT_THROW(builder.take(3, figures({4.0})), ModelError);
    const UpliftTable table = std::move(builder).finish();
    EXPECT_EQ(table.expected_profit[table.cell(0, 1)], 1.0);
    EXPECT_EQ(table.expected_profit[table.cell(2, 1)], 3.0);
    EXPECT_EQ(table.cost[table.cell(2, 1)], 2.0);
    EXPECT_TRUE(table.is_open(0, 1));
    EXPECT_FALSE(table.is_open(1, 1));
    EXPECT_TRUE(table.is_open(2, 1));
}

}  // namespace
}  // namespace clv
