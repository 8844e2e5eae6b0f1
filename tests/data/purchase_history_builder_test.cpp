#include "clv/data/histories/purchase_history_builder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/tables/parse_date.hpp"
#include "reference_data.hpp"

namespace clv {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_days;

constexpr sys_days start = 2024y / 1 / 1;

TEST(PurchaseHistoryBuilder, CountsDaysNotOrders) {
    PurchaseHistoryBuilder builder({.observation_end = {}, .holdout = {}, .time_unit = TimeUnit::day}, start + days(9));
    builder.add("a", start, 5.0);
    builder.add("a", start, 7.0);
    builder.add("a", start + days(2), 0.0);  // for nothing, but a purchase
    builder.add("a", start + days(4), 1.0);
    builder.add("a", start + days(4), 2.0);
    builder.add("b", start + days(9), 8.0);
    const PurchaseHistory history = std::move(builder).finish();
    const PurchaseSummary& summary = history.summary;
    ASSERT_EQ(summary.size(), 2U);
    EXPECT_EQ(summary.frequency, (std::vector<double>{2.0, 0.0}));
    EXPECT_EQ(summary.recency, (std::vector<double>{4.0, 0.0}));
    EXPECT_EQ(summary.age, (std::vector<double>{9.0, 0.0}));
    EXPECT_EQ(summary.monetary_value, (std::vector<double>{1.5, 0.0}));
    EXPECT_EQ(summary.observation_end, start + days(9));
    EXPECT_FALSE(history.holdout);
    EXPECT_EQ(history.daily.first_day, start);
    EXPECT_EQ(history.daily.first_purchases, (std::vector<std::uint32_t>{1, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
    EXPECT_EQ(history.daily.repeat_purchases, (std::vector<std::uint32_t>{0, 0, 1, 0, 1, 0, 0, 0, 0, 0}));
    EXPECT_EQ(history.daily.repeat_revenue[4], 3.0);
}

TEST(PurchaseHistoryBuilder, HoldsOutWhatCalibrationDoesNotSee) {
    PurchaseHistoryBuilder builder(
        {.observation_end = start + days(6), .holdout = start + days(3), .time_unit = TimeUnit::day}, start + days(9));
    builder.add("a", start, 5.0);
    builder.add("a", start + days(5), 4.0);
    builder.add("a", start + days(8), 9.0);    // after the end
    builder.add("new", start + days(4), 8.0);  // first seen in the holdout
    builder.add("new", start + days(5), 16.0);
    const PurchaseHistory history = std::move(builder).finish();
    ASSERT_EQ(history.summary.size(), 1U);
    EXPECT_EQ(history.summary.frequency[0], 0.0);
    EXPECT_EQ(history.summary.age[0], 3.0);
    ASSERT_TRUE(history.holdout);
    EXPECT_EQ(history.holdout->last_day, start + days(6));
    EXPECT_EQ(history.holdout->purchases[0], 1U);
    EXPECT_EQ(history.holdout->revenue[0], 4.0);
    EXPECT_EQ(history.holdout->daily.first_day, start + days(4));
    EXPECT_EQ(history.holdout->daily.repeat_purchases, (std::vector<std::uint32_t>{0, 1, 0}));
}

/// Writes down what it sees.
class Seen final : public PurchaseObserver {
  public:
    void begin(sys_days /*observation_end*/) override {}
    void add(std::size_t customer, sys_days day, double revenue) override { write(customer, day, revenue, ""); }
    void add_refund(std::size_t customer, sys_days day, double revenue) override {
        write(customer, day, revenue, " back");
    }
    std::string text;

  private:
    void write(std::size_t customer, sys_days day, double revenue, const char* what) {
        text += fmt::format("{}: {} on {}{}\n", customer, revenue, (day - start).count(), what);
    }
};

TEST(PurchaseHistoryBuilder, RefundsAreNoPurchases) {
    Seen seen;
    PurchaseHistoryBuilder builder(
        {.observation_end = start + days(9), .holdout = start + days(7), .time_unit = TimeUnit::day}, start + days(9),
        &seen);
    builder.add("back alone", start, -5.0);
    builder.add("back alone", start + days(1), -5.0);
    builder.add("bought", start, -2.0);  // of what was bought before the file begins
    builder.add("bought", start + days(1), -3.0);
    builder.add("bought", start + days(1), 4.0);
    builder.add("bought", start + days(3), 0.1);
    builder.add("bought", start + days(3), 0.2);
    builder.add("bought", start + days(3), -0.3);  // 0.1 + 0.2 - 0.3 is above 0 in doubles
    builder.add("bought", start + days(5), 0.0);   // for nothing, but a purchase
    builder.add("bought", start + days(8), -1.0);
    builder.add("bought", start + days(9), 6.0);
    const PurchaseHistory history = std::move(builder).finish();
    const PurchaseSummary& summary = history.summary;
    ASSERT_EQ(summary.size(), 1U);
    EXPECT_EQ(summary.customer_id[0], "bought");
    EXPECT_EQ(summary.frequency[0], 1.0);
    EXPECT_EQ(summary.recency[0], 4.0);
    EXPECT_EQ(summary.age[0], 6.0);
    EXPECT_EQ(history.refunded_only, 1U);
    EXPECT_EQ(history.purchased, 7.0);
    EXPECT_NEAR(history.paid_back, 13.0, 1e-12);
    EXPECT_EQ(history.holdout->purchases[0], 1U);
    EXPECT_EQ(history.holdout->revenue[0], 6.0);
    EXPECT_EQ(history.daily.first_purchases, (std::vector<std::uint32_t>{1, 0, 0, 0, 0, 0, 0}));
    EXPECT_TRUE(seen.text.starts_with("0: 1 on 1\n0: -2 on 0 back\n0: ")) << seen.text;
    EXPECT_TRUE(seen.text.ends_with(" on 3 back\n0: 0 on 5\n")) << seen.text;
}

TEST(PurchaseHistoryBuilder, HashDoesNotKnowTheOrderOfCustomers) {
    const auto hash = [](const char* first, const char* second, double revenue) {
        PurchaseHistoryBuilder builder({}, start + days(9));
        for (const char* id : {first, second}) {
            builder.add(id, start, 1.0);
            builder.add(id, start + days(1), revenue);
        }
        return std::move(builder).finish().summary.content_hash;
    };
    EXPECT_EQ(hash("a", "b", 2.0), hash("b", "a", 2.0));
    EXPECT_NE(hash("a", "b", 2.0), hash("a", "c", 2.0));
    EXPECT_NE(hash("a", "b", 2.0), hash("a", "b", 3.0));
}

TEST(PurchaseHistoryBuilder, RefusesWhatItCannotUse) {
    EXPECT_THROW(PurchaseHistoryBuilder({.observation_end = {}, .holdout = start}, start), ConfigError);
    PurchaseHistoryBuilder backwards({}, start + days(9));
    backwards.add("a", start + days(1), 1.0);
    EXPECT_THROW(backwards.add("a", start, 1.0), std::logic_error);
    PurchaseHistoryBuilder scattered({}, start + days(9));
    scattered.add("a", start, 1.0);
    scattered.add("b", start, 1.0);
    scattered.add("a", start + days(1), 1.0);
    EXPECT_THROW((void)std::move(scattered).finish(), InputError);
    EXPECT_THROW((void)PurchaseHistoryBuilder({}, start).finish(), InputError);
}

TEST(PurchaseHistoryBuilder, CdnowSampleIsThePublishedSummary) {
    const auto folder = reference_data() / "cdnow";
    if (!std::filesystem::exists(folder / "CDNOW_sample.txt")) {
        GTEST_SKIP() << folder << " is not there: set CLV_REFERENCE_DATA to the folder of the reference data";
    }
    PurchaseHistoryBuilder builder({.observation_end = {}, .holdout = 1997y / 9 / 30}, 1998y / 6 / 30);
    std::ifstream sample(folder / "CDNOW_sample.txt");
    std::string master_id;
    std::string id;
    std::string date;
    int discs = 0;
    double dollars = 0.0;
    while (sample >> master_id >> id >> date >> discs >> dollars) {
        builder.add(id, parse_date(date, DateFormat::iso).value(), dollars);
    }
    const PurchaseHistory history = std::move(builder).finish();
    const PurchaseSummary& summary = history.summary;
    ASSERT_EQ(summary.size(), 2'357U);
    CsvReader published(folder / "BTYD_cdnowSummary_cbs.csv");
    ASSERT_TRUE(published.next());
    for (std::size_t row = 0; row < summary.size(); ++row) {
        ASSERT_TRUE(published.next());
        const auto number = [&](std::size_t field) { return std::stod(std::string(published[field])); };
        ASSERT_EQ(std::stod(std::string(summary.customer_id[row])), number(0));
        EXPECT_EQ(summary.frequency[row], number(1));
        EXPECT_NEAR(summary.recency[row], number(2), 1e-12);
        EXPECT_NEAR(summary.age[row], number(3), 1e-12);
        EXPECT_EQ(history.holdout->purchases[row], static_cast<std::uint32_t>(number(4)));
        EXPECT_NEAR(summary.monetary_value[row], number(5), 1e-9);
    }
    EXPECT_EQ(std::accumulate(summary.frequency.begin(), summary.frequency.end(), 0.0), 2'457.0);
    const auto& purchases = history.holdout->purchases;
    EXPECT_EQ(std::accumulate(purchases.begin(), purchases.end(), 0U), 1'882U);
}

}  // namespace
}  // namespace clv
