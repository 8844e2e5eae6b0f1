// Raw transactions to histories: the three schemas, every rule, order and memory that do not show, and CDNOW's own
// files against the published summary.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/histories/transactions_reader.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "data/reference_data.hpp"

namespace clv {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

class Transactions : public ::testing::Test {
  protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() /
                  ("clv-transactions-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name) << text;
        return folder_ / name;
    }
    static TransactionsRead read(const std::vector<std::filesystem::path>& files,
                                 const TransactionSettings& settings = {}, const ObservationSettings& observation = {},
                                 const RejectSink& reject = {}) {
        NoProgress progress;
        return read_transactions(files, settings, observation, progress, reject);
    }

    std::filesystem::path folder_;
};

TEST_F(Transactions, OfTheGenericSchema) {
    const auto file = write("t.csv",
                            "customer_id,order_date,revenue\n"
                            "b,2024-01-15,10\nb,2024-01-01,5\nb,2024-01-15,2\na,2024-01-08,7\nb,2024-01-29,0\n");
    const TransactionsRead read = Transactions::read({file});
    const PurchaseSummary& summary = read.history.summary;
    ASSERT_EQ(summary.size(), 2U);
    EXPECT_EQ(summary.customer_id[0], "a");
    EXPECT_EQ(summary.frequency, (std::vector<double>{0, 2}));  // two rows of a day are one purchase
    EXPECT_EQ(summary.recency, (std::vector<double>{0, 4}));
    EXPECT_EQ(summary.age, (std::vector<double>{3, 4}));
    EXPECT_EQ(summary.monetary_value, (std::vector<double>{0, 6}));  // the free one counts
    EXPECT_EQ(read.counts.purchases, 5U);
    EXPECT_EQ(read.report.rows_accepted, 5U);
    EXPECT_EQ(summary.observation_end, sys_days(2024y / 1 / 29));
}

TEST_F(Transactions, RulesLeaveRowsOutAndCountThem) {
    const auto file = write("t.csv",
                            "customer_id,order_date,revenue\n"
                            "a,2024-01-01,5\na,2024-01-02,-5\n,2024-01-03,5\na,2024-01-04,0\na,2024-01-05,3\n"
                            "a,2024-01-05,3\n");
    const TransactionsRead kept = read({file});
    EXPECT_EQ(kept.counts.returns, 1U);
    EXPECT_EQ(kept.counts.missing_customer, 1U);
    EXPECT_EQ(kept.counts.zero_revenue, 1U);  // counted, and kept
    EXPECT_EQ(kept.counts.purchases, 4U);
    EXPECT_EQ(kept.counts.duplicates, 1U);
    EXPECT_EQ(kept.history.summary.frequency, std::vector<double>{2});
    EXPECT_EQ(kept.history.summary.monetary_value, std::vector<double>{3});
    TransactionSettings settings;
    settings.keep_duplicates = false;
    settings.keep_zero_revenue = false;
    settings.keep_returns = true;
    const TransactionsRead other = read({file}, settings);
    EXPECT_EQ(other.counts.zero_revenue, 1U);
    EXPECT_EQ(other.counts.returns, 1U);
    EXPECT_EQ(other.counts.purchases, 3U);
    ASSERT_EQ(other.report.rules.size(), 5U);
    EXPECT_EQ(other.report.rules[2].rule, "returns");
    EXPECT_FALSE(other.report.rules[2].left_out);
    EXPECT_TRUE(other.report.rules[3].left_out);
    EXPECT_EQ(other.history.summary.frequency, std::vector<double>{1});  // the day with a return alone is none
    EXPECT_EQ(other.history.summary.monetary_value, std::vector<double>{3.0});
}

/// Everything that a reader says, in one text.
std::string told(const TransactionsRead& read) {
    std::string text;
    const ValidationReport& report = read.report;
    for (const std::uint64_t count : {report.rows_read, report.rows_accepted, report.rows_rejected,
                                      read.counts.purchases, read.counts.missing_customer, read.counts.duplicates}) {
        text += std::to_string(count) + " ";
    }
    for (const Fault& fault : report.faults) {
        text += to_string(fault) + "\n";
    }
    text += report.structural ? to_string(*report.structural) : "sound";
    for (std::size_t i = 0; i < read.history.summary.size(); ++i) {
        text += std::string(read.history.summary.customer_id[i]) + " " +
                std::to_string(read.history.summary.monetary_value[i]) + "\n";
    }
    return text;
}

/// Quotes, line ends of every kind, faults and an open end, read in pieces of any size by any number of threads.
TEST_F(Transactions, PiecesAndThreadsDoNotShow) {
    std::string rows =
        "\xEF\xBB\xBF"
        "customer_id,\"note\non two lines\",order_date,revenue\n";
    for (int i = 0; i < 60; ++i) {
        const std::string id = std::to_string(i % 7);
        rows += "a" + id + ",plain,2024-01-" + std::to_string(10 + i % 20) + "," + std::to_string(i) + ".5\r\n";
        rows += "b" + id + ",\"quoted, \"\"twice\"\"\nand\r\nbroken\",2024-02-01,7\n";
        rows += i % 5 == 0 ? "\n\r\n" : "";
        rows += i % 9 == 0 ? "c,a 5\" pipe,2024-02-01,seven\n" : "";
        rows += i % 11 == 0 ? ",nobody,2024-02-01,1\n" : "";
    }
    std::string carriages;
    for (const char c :
         std::string("customer_id,order_date,revenue\ra,2024-01-01,5\rb,2024-13-01,5\ra,2024-01-09,5\r")) {
        carriages += c;
    }
    const std::map<std::string, std::string> texts{
        {"whole.csv", rows},
        {"open.csv", rows + "d,\"never closed,2024-02-01,7\ne,f,2024-02-01,7\n"},
        {"after.csv", rows + "d,\"closed\"?,2024-02-01,7\n" + rows},
        {"nul.csv", rows + std::string(1, '\0') + "\n" + rows},
        {"carriages.csv", carriages},
        {"one.csv", "customer_id,order_date,revenue\na,2024-01-01,5"}};
    for (const auto& [name, text] : texts) {
        const auto file = write(name, text);
        const auto again = write("again-" + name, text);
        TransactionSettings settings;
        settings.piece_bytes = 1 << 20;
        std::vector<std::string> rejected;
        const auto reject = [&](const RejectedRow& row) {
            rejected.push_back(std::to_string(row.line) + " " + std::string(row.text) + " " + std::string(row.reason));
        };
        const std::string whole = told(read({file, again}, settings, {}, reject));
        const std::vector<std::string> of_whole = std::exchange(rejected, {});
        EXPECT_EQ(whole.find("sound") == std::string::npos,
                  name == "open.csv" || name == "after.csv" || name == "nul.csv");
        for (const std::size_t bytes : {1U, 5U, 33U, 200U, 1'000U}) {
            for (const int threads : {1, 2, 5}) {
                settings.piece_bytes = bytes;
                settings.threads = threads;
                EXPECT_EQ(told(read({file, again}, settings, {}, reject)), whole) << name << " " << bytes;
                EXPECT_EQ(std::exchange(rejected, {}), of_whole) << name << " " << bytes;
            }
        }
    }
}

TEST_F(Transactions, OverlappingFilesAreToldByTheirDuplicates) {
    const std::string header = "customer_id,order_date,revenue\n";
    const auto january = write("1.csv", header + "a,2024-01-01,5\na,2024-01-20,6\n");
    const auto winter = write("2.csv", header + "a,2024-01-20,6\na,2024-02-03,7\n");
    TransactionSettings settings;
    settings.keep_duplicates = false;
    const TransactionsRead read = Transactions::read({january, winter}, settings);
    EXPECT_EQ(read.counts.duplicates, 1U);
    EXPECT_EQ(read.history.summary.monetary_value, std::vector<double>{6.5});
}

constexpr const char* retail_rows =
    "536365,85123A,\"HANGING, HEART\",6,2010-12-01 08:26:00,2.50,17850.0,United Kingdom\n"
    "C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,17850.0,United Kingdom\n"
    "536400,1,returned,-2,2010-12-02 09:00:00,1.00,17850,United Kingdom\n"
    "536401,1,free,2,2010-12-03 09:00:00,0.00,17850,United Kingdom\n"
    "536402,1,nobody,2,2010-12-03 09:00:00,1.00,,United Kingdom\n"
    "536403,1,\"say \"\"when\"\"\",4,2010-12-15 09:00:00,1.25,17850,France\n";

TEST_F(Transactions, OfOnlineRetailInBothSpellings) {
    TransactionSettings settings;
    settings.schema = TransactionSchema::online_retail;
    for (const std::string header :
         {"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n",
          "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"}) {
        const TransactionsRead read = Transactions::read({write("r.csv", header + retail_rows)}, settings);
        ASSERT_FALSE(read.report.structural) << to_string(*read.report.structural);
        ASSERT_EQ(read.history.summary.size(), 1U);  // 17850.0 is 17850
        EXPECT_EQ(read.history.summary.customer_id[0], "17850");
        EXPECT_EQ(read.history.summary.recency, std::vector<double>{2});
        EXPECT_EQ(read.history.summary.monetary_value, std::vector<double>{5});
        EXPECT_EQ(read.counts.cancellations, 1U);
        EXPECT_EQ(read.counts.returns, 1U);
        EXPECT_EQ(read.counts.zero_revenue, 1U);
        EXPECT_EQ(read.counts.missing_customer, 1U);
        EXPECT_EQ(read.counts.purchases, 2U);
    }
}

TEST_F(Transactions, FaultsAreLocatedAndRejected) {
    const auto file = write("t.csv",
                            "customer_id,order_date,revenue\na,2024-01-01,5\na,01/02/2024,5\na,2024-01-03,five\n"
                            "a,2024-02-30,1\na,2024-01-04\n");
    std::vector<std::uint64_t> rejected;
    const TransactionsRead read =
        Transactions::read({file}, {}, {}, [&](const RejectedRow& row) { rejected.push_back(row.line); });
    EXPECT_EQ(rejected, (std::vector<std::uint64_t>{3, 4, 5, 6}));
    EXPECT_EQ(read.report.rows_rejected, 4U);
    EXPECT_EQ(read.report.counts[static_cast<std::size_t>(FaultKind::invalid_date)], 2U);
    EXPECT_THROW(require_accepted(read.report, OnFault::refuse), InputError);
    TransactionSettings settings;
    settings.date_format = DateFormat::month_first;
    EXPECT_EQ(Transactions::read({write("m.csv", "customer_id,order_date,revenue\na,1/2/2024 8:30,5\n")}, settings)
                  .history.summary.observation_end,
              sys_days(2024y / 1 / 2));
    const TransactionsRead other =
        Transactions::read({write("o.csv", "customer,order_date,revenue\na,2024-01-01,5\n")});
    ASSERT_TRUE(other.report.structural);
    EXPECT_EQ(other.report.structural->kind, FaultKind::missing_column);
}

TEST_F(Transactions, NeitherOrderNorMemoryShows) {
    std::mt19937_64 engine(5);
    std::vector<std::string> rows;
    for (int i = 0; i < 60'000; ++i) {
        const auto customer = engine() % 900;
        const auto day = engine() % 28 + 1;
        const auto month = engine() % 12 + 1;
        rows.push_back("c" + std::to_string(customer) + ",2023-" + (month < 10 ? "0" : "") + std::to_string(month) +
                       "-" + (day < 10 ? "0" : "") + std::to_string(day) + "," + std::to_string(engine() % 1'000) +
                       ".25\n");
    }
    const auto text = [&] {
        return std::accumulate(rows.begin(), rows.end(), std::string("customer_id,order_date,revenue\n"));
    };
    ObservationSettings observation;
    observation.holdout = sys_days(2023y / 8 / 31);
    const TransactionsRead one = read({write("one.csv", text())}, {}, observation);
    std::shuffle(rows.begin(), rows.end(), engine);
    TransactionSettings small;
    small.memory_mb = 0;  // the least buffer there is
    small.temporary_folder = folder_;
    const TransactionsRead other = read({write("other.csv", text())}, small, observation);
    EXPECT_EQ(one.counts.runs, 0U);
    EXPECT_GT(other.counts.runs, 10U);
    EXPECT_EQ(one.history.summary.content_hash, other.history.summary.content_hash);
    EXPECT_EQ(one.history.summary.frequency, other.history.summary.frequency);
    EXPECT_EQ(one.history.summary.monetary_value, other.history.summary.monetary_value);
    EXPECT_EQ(one.history.holdout->purchases, other.history.holdout->purchases);
    EXPECT_EQ(one.history.holdout->revenue, other.history.holdout->revenue);
    EXPECT_EQ(one.history.daily.repeat_purchases, other.history.daily.repeat_purchases);
    EXPECT_EQ(one.history.daily.repeat_revenue, other.history.daily.repeat_revenue);
    EXPECT_EQ(one.counts.duplicates, other.counts.duplicates);
    EXPECT_TRUE(std::filesystem::exists(folder_ / "other.csv"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 2);  // nothing is left behind
}

class Cdnow : public Transactions {
  protected:
    void SetUp() override {
        Transactions::SetUp();
        if (!std::filesystem::exists(reference_data() / "cdnow")) {
            GTEST_SKIP() << "no reference data in " << reference_data();
        }
        settings_.schema = TransactionSchema::cdnow;
        observation_.holdout = sys_days(1997y / 9 / 30);
    }
    TransactionSettings settings_;
    ObservationSettings observation_;
};

TEST_F(Cdnow, SampleIsThePublishedSummary) {
    const TransactionsRead read =
        Transactions::read({reference_data() / "cdnow/CDNOW_sample.txt"}, settings_, observation_);
    EXPECT_EQ(read.report.rows_read, 6'919U);
    EXPECT_EQ(read.report.rows_rejected, 0U);
    const PurchaseSummary& summary = read.history.summary;
    // the published summary goes by the sample's own numbers
    std::map<std::string, std::size_t, std::less<>> number_of;
    std::ifstream sample(reference_data() / "cdnow/CDNOW_sample.txt");
    for (std::string id, number, line; sample >> id >> number && std::getline(sample, line);) {
        number_of[id] = std::stoul(number);
    }
    std::vector<std::array<double, 6>> published(summary.size() + 1);
    CsvReader file(reference_data() / "cdnow/BTYD_cdnowSummary_cbs.csv");
    ASSERT_TRUE(file.next());
    while (file.next()) {
        std::array<double, 6>& row = published.at(static_cast<std::size_t>(parse_number(file[0]).value));
        for (std::size_t field = 0; field < row.size(); ++field) {
            row[field] = parse_number(file[field]).value;
        }
    }
    ASSERT_EQ(summary.size(), 2'357U);
    for (std::size_t i = 0; i < summary.size(); ++i) {
        const auto& row = published[number_of.find(summary.customer_id[i])->second];
        EXPECT_EQ(summary.frequency[i], row[1]) << i;
        EXPECT_NEAR(summary.recency[i], row[2], 1e-9) << i;
        EXPECT_NEAR(summary.age[i], row[3], 1e-9) << i;
        EXPECT_EQ(read.history.holdout->purchases[i], row[4]) << i;
        EXPECT_NEAR(summary.monetary_value[i], row[5], 1e-9) << i;
    }
    const auto& held_out = read.history.holdout->purchases;
    EXPECT_EQ(std::accumulate(held_out.begin(), held_out.end(), 0U), 1'882U);
}

TEST_F(Cdnow, MasterHasItsFacts) {
    ObservationSettings whole;
    const TransactionsRead read = Transactions::read({reference_data() / "cdnow/CDNOW_master.txt"}, settings_, whole);
    EXPECT_EQ(read.report.rows_read, 69'659U);
    EXPECT_EQ(read.history.summary.size(), 23'570U);
    EXPECT_EQ(read.counts.duplicates, 255U);
    EXPECT_EQ(read.history.summary.observation_end, sys_days(1998y / 6 / 30));
    settings_.keep_zero_revenue = false;
    EXPECT_EQ(Transactions::read({reference_data() / "cdnow/CDNOW_master.txt"}, settings_, whole).counts.zero_revenue,
              80U);
}

std::string purchases_of(int year) {
    std::string rows;
    for (int i = 0; i < 60; ++i) {
        rows += "c" + std::to_string(i % 9) + "," + std::to_string(year) + "-0" + std::to_string(1 + i % 9) + "-1" +
                std::to_string(i % 10) + ",5\n";
    }
    return rows;
}

TEST_F(Transactions, DaysFarFromAllOthersRefuseTheFile) {
    const std::string header = "customer_id,order_date,revenue\n";
    for (const std::string far : {"3997-01-01", "0023-01-01", "1991-02-03"}) {
        const auto file = write("t.csv", header + purchases_of(2023) + "c1," + far + ",5\n");
        const TransactionsRead refused = read({file});
        ASSERT_TRUE(refused.report.structural) << far;
        EXPECT_EQ(refused.report.structural->kind, FaultKind::far_date);
        EXPECT_EQ(refused.report.structural->line, 62U);
        EXPECT_NE(refused.report.structural->remedy.find("input.dates_between"), std::string::npos);
        EXPECT_EQ(refused.history.summary.size(), 0U);
    }
    const auto two = write("two.csv", header + purchases_of(1991) + purchases_of(1991) + purchases_of(2023));
    EXPECT_EQ(read({two}).report.structural.value().line, 122U);  // the smaller part is the one that is far
    const auto near = write("near.csv", header + purchases_of(2004) + purchases_of(2023));
    EXPECT_FALSE(read({near}).report.structural);
}

TEST_F(Transactions, DaysOutsideOfARangeAreFaultsOfTheirRows) {
    const auto file = write("t.csv", "customer_id,order_date,revenue\nc1,1831-01-01,5\n" + purchases_of(2023));
    TransactionSettings settings;
    settings.dates_between = {sys_days(2020y / 1 / 1), sys_days(2025y / 1 / 1)};
    const TransactionsRead of_range = read({file}, settings);
    EXPECT_FALSE(of_range.report.structural);
    EXPECT_EQ(of_range.report.rows_rejected, 1U);
    EXPECT_EQ(of_range.report.faults.at(0).line, 2U);
    settings.dates_between = {sys_days(1830y / 1 / 1), sys_days(2025y / 1 / 1)};
    EXPECT_EQ(read({file}, settings).report.rows_rejected, 0U);  // somebody means it
    settings.dates_between.reset();
    settings.rejects_far_dates = true;
    EXPECT_EQ(read({file}, settings).report.rows_rejected, 1U);
}

}  // namespace
}  // namespace clv
