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

CohortsRead read_with(const std::string& text, const std::vector<std::string>& covariates) {
    CsvReader reader = CsvReader::from_text(text, "cohorts.csv");
    return read_cohorts(reader, {}, {}, {}, covariates);
}

TEST(CohortReader, SegmentsHaveCovariates) {
    const std::string text =
        "segment,period,customers,size,tier\nb,0,100,2.5,x\nb,1,80,2.5,x\na,0,10,-1,y\na,1,4,-1,y\nc,0,9,0,x\nc,1,8,0,"
        "x\n";
    const CohortsRead read = read_with(text, {"tier", "size"});
    ASSERT_EQ(read.segments.size(), 3U);
    ASSERT_EQ(read.covariates.size(), 2U);
    EXPECT_EQ(read.covariates[0].categories, (std::vector<std::string>{"y", "x"}));
    EXPECT_EQ(read.covariates[0].codes, (std::vector<std::uint32_t>{0, 1, 1}));
    EXPECT_EQ(read.covariates[1].numbers, (Customers{-1, 2.5, 0}));
    std::string other = text;
    other.replace(other.find("2.5,x\nb,1,80,2.5"), 17, "3.5,x\nb,1,80,3.5");
    EXPECT_NE(read_with(other, {"size"}).content_hash, read_with(text, {"size"}).content_hash);
    EXPECT_NE(read_with(text, {}).content_hash, read_with(text, {"size"}).content_hash);

    const CohortsRead by_covariates = read_with("period,customers,size\n0,100,1\n0,50,2\n1,80,1\n1,30,2\n", {"size"});
    ASSERT_EQ(by_covariates.segments.size(), 2U) << "without segments";
    EXPECT_EQ(by_covariates.segments[1].segment, "2");
    EXPECT_EQ(by_covariates.segments[1].churned, (Counts{20}));
    const CohortsRead histories = read_with("recency,T,segment,x\n1,3,s,1\n3,3,s,2\n2,3,s,1\n", {"x"});
    ASSERT_EQ(histories.segments.size(), 2U);
    EXPECT_EQ(histories.segments[0].segment, "s | 1");
    EXPECT_EQ(histories.segments[0].at_risk, (Customers{2, 1}));
}

TEST(CohortReader, CovariatesThatDoNotFitAreFaults) {
    const auto fault_of = [](const std::string& text) { return first_fault(read_with(text, {"size"})); };
    EXPECT_NE(fault_of("segment,period,customers,size\na,0,9,1\na,1,8,2\n").find("is 1 in an earlier row of a"),
              std::string::npos);
    EXPECT_NE(fault_of("segment,period,customers,size\na,0,9,1\na,1,8,\n").find("is blank"), std::string::npos);
    EXPECT_NE(fault_of("segment,period,customers\na,0,9\n").find("fit.covariates"), std::string::npos);
    EXPECT_THROW((void)read_with("period,a,size\n0,9,1\n", {"size"}), ConfigError);
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
