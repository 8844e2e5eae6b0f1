#include "clv/data/readers/cohort_reader.hpp"

#include <gtest/gtest.h>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

using Customers = std::vector<double>;
using Counts = std::vector<std::uint64_t>;

CohortsRead read_survivors(const std::string& text, const std::map<std::string, std::string>& columns = {},
                           const std::vector<std::string>& segment_by = {}) {
    CsvReader reader = CsvReader::from_text(text, "cohorts.csv");
    return read_cohorts(reader, columns, segment_by);
}

std::string first_fault(const CohortsRead& of) {
    return of.report.structural       ? to_string(*of.report.structural)
           : of.report.faults.empty() ? std::string()
                                      : to_string(of.report.faults.front());
}

TEST(CohortReader, CohortsOfASegmentAreAddedUp) {
    const CohortsRead cohorts =
        read_survivors("period,cohort,customers\n0,2019,100\n1,2019,80\n2,2019,70\n0,2020,50\n1,2020,30\n");
    ASSERT_EQ(cohorts.segments.size(), 1U);
    EXPECT_EQ(cohorts.segments[0].segment, "all");
    EXPECT_EQ(cohorts.segments[0].at_risk, (Customers{150, 80}));
    EXPECT_EQ(cohorts.segments[0].churned, (Counts{40, 10}));
    EXPECT_EQ(cohorts.report.rows_accepted, 5U);
}

TEST(CohortReader, SegmentsStandApart) {
    const std::string text =
        "year,left,plan,land\n0,100,Pro,DE\n0,10,Lite,DE\n1,90,Pro,DE\n1,4,Lite,DE\n2,85,Pro,DE\n2,0,Lite,DE\n3,0,Lite,"
        "DE\n";
    const CohortsRead cohorts = read_survivors(text, {{"period", "year"}, {"customers", "left"}, {"segment", "plan"}});
    ASSERT_EQ(cohorts.segments.size(), 2U);
    EXPECT_EQ(cohorts.segments[0].segment, "Lite");
    EXPECT_EQ(cohorts.segments[0].at_risk, (Customers{10, 4}));  // nobody is left to be up for the third
    EXPECT_EQ(cohorts.segments[1].churned, (Counts{10, 5}));
    const CohortsRead combined = read_survivors(text, {{"period", "year"}, {"customers", "left"}}, {"plan", "land"});
    EXPECT_EQ(combined.segments[0].segment, "Lite | DE");
}

TEST(CohortReader, ColumnsSideBySideAreSegments) {
    const CohortsRead cohorts = read_survivors("period,a,b\n0,100,40\n1,60,30\n2,50,\n");
    ASSERT_EQ(cohorts.segments.size(), 2U);
    EXPECT_EQ(cohorts.segments[0].at_risk, (Customers{100, 60}));
    EXPECT_EQ(cohorts.segments[1].at_risk, (Customers{40}));
    EXPECT_THROW((void)read_survivors("period,a,b\n0,1,1\n", {}, {"a"}), ConfigError);
}

TEST(CohortReader, HistoriesAreCounted) {
    // paid 1 of 3 periods; 3 of 3, still there; 2 of 2, still there; two who paid 2 of 3
    const CohortsRead cohorts = read_survivors("recency,T,weight\n1,3,1\n3,3,1\n2,2,1\n2,3,2\n");
    ASSERT_EQ(cohorts.segments.size(), 1U);
    EXPECT_EQ(cohorts.segments[0].at_risk, (Customers{5, 3}));
    EXPECT_EQ(cohorts.segments[0].churned, (Counts{1, 2}));
}

TEST(CohortReader, FaultsHavePlaceAndRemedy) {
    const auto has = [](const CohortsRead& of, const std::string& part) {
        return first_fault(of).find(part) != std::string::npos;
    };
    const CohortsRead rising = read_survivors("period,customers\n0,10\n1,8\n2,9\n");
    EXPECT_TRUE(has(rising, "line 4, column 2 (customers)")) << first_fault(rising);
    EXPECT_TRUE(has(rising, "cohort of their own")) << first_fault(rising);
    EXPECT_TRUE(has(read_survivors("period,customers\n1,10\n2,8\n"), "from 0")) << "begins at 1";
    EXPECT_TRUE(has(read_survivors("period,customers\n0,10\n2,8\n"), "follows period 0"));
    EXPECT_TRUE(has(read_survivors("period,customers\n0,10\n1,8.5\n"), "whole number"));
    EXPECT_TRUE(has(read_survivors("period,customers\n0,10\n1,-8\n"), "negative"));
    EXPECT_TRUE(has(read_survivors("period,customers\n0,10\n1,many\n"), "text in a number"));
    EXPECT_TRUE(has(read_survivors("period,customers\n0,10,3\n"), "3 fields"));
    EXPECT_TRUE(has(read_survivors("a,b\n0,10\n"), "period and customers"));
    EXPECT_TRUE(has(read_survivors("period\n0\n"), "input.columns.customers"));
    EXPECT_TRUE(has(read_survivors("period,customers\n", {{"period", "year"}}), "year"));
    EXPECT_TRUE(has(read_survivors("recency,T\n4,3\n"), "more than T"));
    EXPECT_TRUE(has(read_survivors("recency,T\n0,3\n"), "from 1 to T"));
    EXPECT_TRUE(has(read_survivors("period,customers\n"), "only a header"));
    EXPECT_THROW((void)read_survivors("period,customers\n0,1\n", {{"margin", "x"}}), ConfigError);
    const CohortsRead rejected = read_survivors("period,customers\n0,10\nx,8\n1,7\n");
    EXPECT_EQ(rejected.report.rows_rejected, 1U);
    EXPECT_EQ(rejected.segments[0].churned, (Counts{3}));
}

TEST(CohortReader, TheHashIsThatOfTheCounts) {
    const auto hash = read_survivors("period,cohort,customers\n0,a,9\n1,a,5\n0,b,7\n1,b,6\n").content_hash;
    EXPECT_EQ(hash, read_survivors("period,cohort,customers\n0,b,7\n0,a,9\n1,b,6\n1,a,5\n").content_hash);
    EXPECT_NE(hash, read_survivors("period,cohort,customers\n0,a,9\n1,a,5\n0,b,7\n1,b,5\n").content_hash);
}

}  // namespace
}  // namespace clv
