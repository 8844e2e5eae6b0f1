#include "clv/data/readers/uplift_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "clv/core/errors.hpp"
#include "clv/data/readers/policy_reader.hpp"

namespace clv {
namespace {

using testing::ElementsAre;

UpliftRead read_uplift(std::string text, bool require_choice = false,
                       const std::map<std::string, std::string>& columns = {}) {
    CsvReader reader = CsvReader::from_text(std::move(text));
    NoProgress progress;
    return read_uplift(reader, columns, require_choice, progress);
}

TEST(UpliftReader, TakesRowsInAnyOrder) {
    const auto [table, report] = read_uplift(
        "cost,action,customer_id,colour,expected_profit,cost_hours,expected_profit_se\n"
        "2,call,B,red,10,0.5,1\n"
        "3, gift ,A,red,20,0,2\n"
        "4,call,A,blue,-5,1.5,0\n"
        "0.25,none,B,red,-1,0.125,0\n");
    require_faultless(report);
    EXPECT_THAT(table.actions, ElementsAre("none", "call", "gift"));
    ASSERT_EQ(table.size(), 2U);
    EXPECT_EQ(table.customer_id[0], "B");
    EXPECT_EQ(table.customer_id[1], "A");
    ASSERT_EQ(table.expected_profit.size(), 6U);
    // [action][customer]: a row `none` counts as it is, one that is not listed as nothing
    EXPECT_EQ(table.expected_profit[0], -1.0);
    EXPECT_EQ(table.expected_profit[1], 0.0);
    EXPECT_EQ(table.expected_profit[2], 10.0);
    EXPECT_EQ(table.expected_profit[3], -5.0);
    EXPECT_TRUE(std::isnan(table.expected_profit[4]));  // B has no row gift
    EXPECT_EQ(table.expected_profit[5], 20.0);
    EXPECT_EQ(table.cost[0], 0.25);
    EXPECT_TRUE(std::isnan(table.cost[4]));
    EXPECT_EQ(table.expected_profit_se[5], 2.0);
    EXPECT_THAT(table.further_names, ElementsAre("hours"));
    EXPECT_EQ(table.further_costs[0][0], 0.125);
    EXPECT_EQ(table.further_costs[0][3], 1.5);
    EXPECT_TRUE(table.segment.empty());
}

TEST(UpliftReader, TakesAddedMonthsWhereTheyAreGiven) {
    const auto table = read_uplift(
                           "customer_id,action,expected_profit,cost,added_months\n"
                           "A,call,1,2,1.5\nB,call,1,2,-0.25\nB,gift,1,2,3\n")
                           .columns;
    ASSERT_EQ(table.added_months.size(), 6U);
    EXPECT_EQ(table.added_months[0], 0.0);  // none, which is not listed
    EXPECT_EQ(table.added_months[2], 1.5);
    EXPECT_EQ(table.added_months[3], -0.25);
    EXPECT_TRUE(std::isnan(table.added_months[4]));  // A has no row gift
    EXPECT_TRUE(table.further_names.empty());
    EXPECT_TRUE(read_uplift("customer_id,action,expected_profit,cost\nA,call,1,2\n").columns.added_months.empty());
    const ValidationReport report =
        read_uplift("customer_id,action,expected_profit,cost,added_months\nA,call,1,2,long\n").report;
    ASSERT_EQ(report.faults.size(), 1U);
    EXPECT_EQ(report.faults[0].column, "added_months");
}

TEST(UpliftReader, ClosesDoingNothingWhereAChoiceIsRequired) {
    const auto table = read_uplift("customer_id,action,expected_profit,cost\nA,x,1,2\nB,none,0,0\n", true).columns;
    EXPECT_TRUE(std::isnan(table.expected_profit[0]));
    EXPECT_EQ(table.expected_profit[1], 0.0);
    EXPECT_TRUE(table.expected_profit_se.empty());
}

TEST(UpliftReader, SortsSegmentsAndKnowsMappedColumns) {
    const auto table = read_uplift(
                           "id,action,expected_profit,cost,area\n"
                           "A,x,1,2,south\nB,x,1,2,north\nA,y,1,2,south\nC,x,1,2,\n",
                           false, {{"customer_id", "id"}, {"segment", "area"}, {"margin", "no matter"}})
                           .columns;
    EXPECT_THAT(table.segments, ElementsAre("(blank)", "north", "south"));
    EXPECT_THAT(table.segment, ElementsAre(2U, 1U, 0U));
}

TEST(UpliftReader, KeepsIdsByteForByteWithinTheirBlanks) {
    const auto table = read_uplift(
                           "customer_id,action,expected_profit,cost\n A  a,x,1,2\nA a,x,1,2\n\"A,\"\"b \",x,1,2\n"
                           "A a ,y,1,2\n")
                           .columns;
    ASSERT_EQ(table.size(), 3U);
    EXPECT_EQ(table.customer_id[0], "A  a");
    EXPECT_EQ(table.customer_id[1], "A a");
    EXPECT_EQ(table.customer_id[2], "A,\"b");
}

TEST(UpliftReader, LocatesEveryFault) {
    const auto report = read_uplift(
                            "customer_id,action,expected_profit,cost,segment\n"
                            "A,x,1,2,s\nA,x,3,4,s\nA,y,1,2,t\nB,x,,nan,s\nB,y,1\n,z,1,2,s\n")
                            .report;
    EXPECT_EQ(report.rows_read, 6U);
    EXPECT_EQ(report.rows_accepted, 1U);
    ASSERT_EQ(report.faults.size(), 6U);
    const auto expect = [&](std::size_t k, FaultKind kind, std::uint64_t line, std::size_t column) {
        EXPECT_EQ(report.faults[k].kind, kind) << to_string(report.faults[k]);
        EXPECT_EQ(report.faults[k].line, line);
        EXPECT_EQ(report.faults[k].column_number, column);
    };
    expect(0, FaultKind::duplicate_action, 3, 2);
    expect(1, FaultKind::two_segments, 4, 5);
    expect(2, FaultKind::blank_value, 5, 3);
    expect(3, FaultKind::not_a_number, 5, 4);
    expect(4, FaultKind::wrong_field_count, 6, 0);
    expect(5, FaultKind::blank_id, 7, 1);
    EXPECT_THROW(require_faultless(report), InputError);
}

TEST(UpliftReader, ManyCustomersFarApart) {
    constexpr int customers = 5'000;
    std::string text = "customer_id,action,expected_profit,cost\n";
    for (int action = 0; action < 3; ++action) {
        for (int i = 0; i < customers; ++i) {
            text += "C" + std::to_string(i) + ",a" + std::to_string(action) + "," + std::to_string(i + action) + ",1\n";
        }
    }
    const auto [table, report] = read_uplift(text);
    require_faultless(report);
    ASSERT_EQ(table.size(), static_cast<std::size_t>(customers));
    for (std::size_t i = 0; i < table.size(); ++i) {
        for (std::size_t a = 1; a <= 3; ++a) {
            ASSERT_EQ(table.expected_profit[a * table.size() + i], static_cast<double>(i + a - 1));
        }
    }
}

TEST(PolicyReader, KnowsWhoHasWhatAndWhoIsUnknown) {
    IdColumn ids;
    for (const char* id : {"A", "B", "C"}) {
        ids.push_back(id);
    }
    CsvReader reader = CsvReader::from_text("action,customer_id,cost\ncall,C,x\nnone,A,\ncall,Z,\n");
    const PolicyRead read = read_policy(reader, ids, {"none", "gift", "call"});
    require_faultless(read.report);
    EXPECT_THAT(read.action, ElementsAre(0, 0, 2));
    EXPECT_THAT(read.listed, ElementsAre(1, 0, 1));
    EXPECT_EQ(read.unknown, 1U);
    CsvReader faulty = CsvReader::from_text("customer_id,action\nA,fly\nB,call\nB,gift\n");
    const PolicyRead refused = read_policy(faulty, ids, {"none", "gift", "call"});
    ASSERT_EQ(refused.report.faults.size(), 2U);
    EXPECT_EQ(refused.report.faults[0].kind, FaultKind::unknown_action);
    EXPECT_EQ(refused.report.faults[1].kind, FaultKind::duplicate_id);
    EXPECT_EQ(refused.report.faults[1].line, 4U);
}

}  // namespace
}  // namespace clv
