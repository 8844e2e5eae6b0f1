#include "clv/data/readers/summary_reader.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "clv/core/errors.hpp"
#include "reference_data.hpp"

namespace clv {
namespace {

TEST(SummaryReader, CountsAndLocatesFaults) {
    CsvReader reader = CsvReader::from_text(
        "customer_id,frequency,recency,T\na,1,2,3\nb,1.5,1,3\nc,1,4,3\na,0,0,3\n,0,0,3\nd,-1,0,x\n");
    int rejected = 0;
    const auto [summary, report] =
        read_purchase_summary(reader, {}, TimeUnit::week, [&](const RejectedRow&) { ++rejected; });
    EXPECT_EQ(report.rows_read, 6U);
    EXPECT_EQ(report.rows_accepted, 1U);
    EXPECT_EQ(rejected, 5);
    EXPECT_EQ(report.fault_count(), 6U);
    ASSERT_EQ(summary.size(), 1U);
    EXPECT_EQ(summary.weight[0], 1.0);
    EXPECT_TRUE(summary.monetary_value.empty());
    EXPECT_THROW(require_accepted(report, OnFault::refuse), InputError);
}

TEST(SummaryReader, NeedsItsColumns) {
    CsvReader reader = CsvReader::from_text("frequency,recency\n1,2\n");
    const auto read = read_purchase_summary(reader, {}, TimeUnit::week);
    ASSERT_TRUE(read.report.structural);
    EXPECT_EQ(read.report.structural->kind, FaultKind::missing_column);
    CsvReader twice = CsvReader::from_text("frequency,recency,T,T\n1,2,3,4\n");
    EXPECT_EQ(read_purchase_summary(twice, {}, TimeUnit::week).report.structural.value().kind,
              FaultKind::duplicate_column);
    CsvReader other = CsvReader::from_text("frequency,recency,T\n1,2,3\n");
    EXPECT_THROW((void)read_purchase_summary(other, {{"revenue", "x"}}, TimeUnit::week), ConfigError);
}

TEST(SummaryReader, ReadsPublishedSummaries) {
    const auto folder = reference_data();
    if (!std::filesystem::exists(folder / "bgbb" / "donations.csv")) {
        GTEST_SKIP() << folder << " is not there: set CLV_REFERENCE_DATA to the folder of the reference data";
    }
    CsvReader donations(folder / "bgbb" / "donations.csv");
    const auto donors =
        read_purchase_summary(donations, {{"T", "periods"}, {"weight", "weights"}}, TimeUnit::year).summary;
    ASSERT_EQ(donors.size(), 22U);
    double weights = 0.0;
    for (std::size_t row = 0; row < donors.size(); ++row) {
        weights += donors.weight[row];
    }
    EXPECT_EQ(weights, 11'104.0);

    CsvReader cbs(folder / "cdnow" / "BTYD_cdnowSummary_cbs.csv");
    const auto cdnow = read_purchase_summary(cbs,
                                             {{"customer_id", "cust"},
                                              {"frequency", "x"},
                                              {"recency", "t.x"},
                                              {"T", "T.cal"},
                                              {"monetary_value", "m.x"}},
                                             TimeUnit::week)
                           .summary;
    ASSERT_EQ(cdnow.size(), 2'357U);
    EXPECT_EQ(std::accumulate(cdnow.frequency.begin(), cdnow.frequency.end(), 0.0), 2'457.0);
    EXPECT_EQ(cdnow.monetary_value[0], 22.345);
}

TEST(SummaryReader, RefusesSizesThatNoModelWouldEndOn) {
    CsvReader reader = CsvReader::from_text(
        "frequency,recency,T,monetary_value,weight\n1,2,3,4,1\n1,2,1.7976931348623157e308,4,1\n1e7,2,3,4,1\n"
        "1,2,3,1e300,1\n1,2,3,4,1e12\n");
    const auto [summary, report] = read_purchase_summary(reader, {}, TimeUnit::week);
    EXPECT_EQ(summary.size(), 1U);
    ASSERT_EQ(report.faults.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(report.faults[i].kind, FaultKind::out_of_range);
        EXPECT_EQ(report.faults[i].line, i + 3);
    }
    EXPECT_EQ(report.faults[0].column, "T");
}

}  // namespace
}  // namespace clv
