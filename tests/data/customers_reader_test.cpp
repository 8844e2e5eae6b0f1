#include "clv/data/readers/customers_reader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/tables/content_hash.hpp"

namespace clv {
namespace {

CustomersRead read(const std::string& text, const InputSettings& settings = {},
                   const CustomerRequirements& requirements = {}, const RejectSink& reject = {}) {
    CsvReader reader = CsvReader::from_text(text, "customers.csv");
    NoProgress progress;
    return read_customers(reader, settings, requirements, progress, reject);
}

std::uint64_t count(const ValidationReport& report, FaultKind kind) {
    return report.counts[static_cast<std::size_t>(kind)];
}

TEST(Customers, ReadsColumnsAndFillsDefaults) {
    const auto [table, report] =
        read("customer_id,monthly_revenue,churn_probability,margin\na,10,0.1,0.5\nb, +20 ,0,\n");
    EXPECT_EQ(report.rows_read, 2U);
    EXPECT_EQ(report.rows_accepted, 2U);
    EXPECT_EQ(report.fault_count(), 0U);
    EXPECT_NO_THROW(require_accepted(report, OnFault::refuse));
    ASSERT_EQ(table.size(), 2U);
    EXPECT_EQ(table.customer_id[0], "a");
    EXPECT_EQ(table.customer_id[1], "b");
    EXPECT_EQ(table.id_hash[1], customer_id_hash("b"));
    EXPECT_EQ(table.monthly_revenue, (Column{10, 20}));
    EXPECT_EQ(table.churn_probability, (Column{0.1, 0}));
    EXPECT_EQ(table.margin, (Column{0.5, 1}));
    EXPECT_EQ(table.retention_cost, (Column{0, 0}));
    EXPECT_EQ(table.acquisition_cost, (Column{0, 0}));
    EXPECT_EQ(table.revenue_growth, (Column{0, 0}));
    EXPECT_EQ(table.revenue_volatility, (Column{0, 0}));
    EXPECT_EQ(table.market_beta, (Column{1, 1}));
    EXPECT_TRUE(table.tenure_months.empty());
    EXPECT_TRUE(table.churned.empty());
    EXPECT_TRUE(table.segment.empty());
    EXPECT_TRUE(table.features.empty());
}

TEST(Customers, MapsColumnsAndUsesConfiguredDefaults) {
    InputSettings settings;
    settings.columns = {{"customer_id", "Key"}, {"monthly_revenue", "Monthly Charges"}};
    settings.defaults = {{"margin", "0.3"}, {"retention_cost", "2"}, {"churned", "no"}, {"segment", "all"}};
    const auto [table, report] = read("Monthly Charges,Key,retention_cost\n10,a,\n20,b,3\n", settings);
    ASSERT_EQ(table.size(), 2U);
    EXPECT_EQ(table.monthly_revenue, (Column{10, 20}));
    EXPECT_EQ(table.margin, (Column{0.3, 0.3}));
    EXPECT_EQ(table.retention_cost, (Column{2, 3}));
    EXPECT_EQ(table.churned, (std::vector<std::uint8_t>{0, 0}));
    EXPECT_EQ(table.segments, (std::vector<std::string>{"all"}));
    const std::vector<std::pair<std::string, std::string>> mapped{{"Monthly Charges", "monthly_revenue"},
                                                                  {"Key", "customer_id"}};
    EXPECT_EQ(table.mapped_names, mapped);
}

TEST(Customers, ReadsSurvivalCurves) {
    const auto [table, report] =
        read("survival_2,customer_id,survival_1,monthly_revenue,survival_3\n0.8,a,0.9,1,0.8\n0.5,b,1,1,0\n", {},
             {.survival_curve = true});
    EXPECT_EQ(table.survival_months, 3);
    EXPECT_EQ(table.survival, (std::vector<float>{0.9F, 0.8F, 0.8F, 1.0F, 0.5F, 0.0F}));
}

TEST(Customers, ReadsChurnedInAllItsSpellings) {
    const auto [table, report] =
        read("customer_id,monthly_revenue,churned\na,1,0\nb,1,1\nc,1,Yes\nd,1,NO\ne,1,True\nf,1,false\n");
    EXPECT_EQ(table.churned, (std::vector<std::uint8_t>{0, 1, 1, 0, 1, 0}));
}

TEST(Customers, CombinesSegmentsSortedByName) {
    InputSettings settings;
    settings.columns = {{"tenure_months", "tenure"}};
    settings.segment_by = {"Plan", "tenure", "tenure_months"};
    const auto [table, report] =
        read("customer_id,monthly_revenue,Plan,tenure\na,1,z,1\nb,1,a,2\nc,1,z,1\nd,1, ,1\n", settings);
    EXPECT_EQ(table.segments, (std::vector<std::string>{"(blank) | 1 | 1", "a | 2 | 2", "z | 1 | 1"}));
    EXPECT_EQ(table.segment, (std::vector<std::uint32_t>{2, 1, 2, 0}));
    ASSERT_EQ(table.features.size(), 1U) << "Plan stays a feature";
}

TEST(Customers, KeepsFeaturesAsNumbersOrTexts) {
    const auto [table, report] = read(
        "customer_id,monthly_revenue,age,plan,mixed,empty\n"
        "a,1,30,x,01,\nb,1,,y,2,\nc,1,-2.5,x,three,\n");
    ASSERT_EQ(table.features.size(), 4U);
    const FeatureColumn& age = table.features[0];
    ASSERT_TRUE(age.is_numeric());
    EXPECT_EQ(age.numbers[0], 30);
    EXPECT_TRUE(std::isnan(age.numbers[1]));
    EXPECT_EQ(age.numbers[2], -2.5);
    EXPECT_TRUE(age.codes.empty());
    EXPECT_EQ(table.features[1].categories, (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(table.features[1].codes, (std::vector<std::uint32_t>{0, 1, 0}));
    const FeatureColumn& mixed = table.features[2];
    EXPECT_EQ(mixed.categories, (std::vector<std::string>{"01", "2", "three"})) << "as they stand, not as numbers";
    EXPECT_TRUE(mixed.numbers.empty());
    EXPECT_TRUE(table.features[3].is_numeric());
}

TEST(Customers, DropsATextColumnOfTooManyTextsWithANote) {
    std::string text = "customer_id,monthly_revenue,comment,number,late\n";
    for (int row = 0; row < 70'000; ++row) {
        text += fmt::format("{0},1,c{0},{0},{1}\n", row, row < 69'999 ? std::to_string(row) : "x");
    }
    const auto [table, report] = read(text);
    ASSERT_EQ(table.size(), 70'000U);
    ASSERT_EQ(table.features.size(), 1U);
    EXPECT_EQ(table.features[0].name, "number");
    EXPECT_EQ(table.features[0].numbers[69'999], 69'999);
    ASSERT_EQ(report.notes.size(), 2U);
    EXPECT_NE(report.notes[0].find("'comment'"), std::string::npos);
    EXPECT_NE(report.notes[1].find("'late'"), std::string::npos);
}

struct BadCell {
    std::string column;
    std::string cell;
    FaultKind kind;
};

class CustomersBadCell : public testing::TestWithParam<BadCell> {};

TEST_P(CustomersBadCell, IsLocated) {
    const BadCell& bad = GetParam();
    std::map<std::string, std::string> cells{
        {"monthly_revenue", "10"}, {"churn_probability", "0.1"}, {"survival_1", "0.9"}, {"survival_2", "0.8"}};
    cells[bad.column] = bad.cell;
    std::string header = "customer_id";
    std::string row = "C7";
    std::size_t column_number = 0;
    for (const auto& [column, cell] : cells) {
        header += "," + column;
        row += "," + cell;
        if (column == bad.column) {
            column_number = static_cast<std::size_t>(std::count(header.begin(), header.end(), ',')) + 1;
        }
    }
    const auto [table, report] = read(header + "\n" + row + "\n", {}, {.churn_probability = true});
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(report.rows_rejected, 1U);
    ASSERT_EQ(report.faults.size(), 1U);
    const Fault& fault = report.faults[0];
    EXPECT_EQ(name(fault.kind), name(bad.kind));
    EXPECT_EQ(fault.line, 2U);
    EXPECT_EQ(fault.column, bad.column);
    EXPECT_EQ(fault.column_number, column_number);
    EXPECT_EQ(fault.customer_id, "C7");
    EXPECT_EQ(fault.value, bad.cell);
    EXPECT_FALSE(fault.problem.empty());
    EXPECT_FALSE(fault.remedy.empty());
    EXPECT_THROW(require_accepted(report, OnFault::refuse), InputError);
}

INSTANTIATE_TEST_SUITE_P(
    All, CustomersBadCell,
    testing::Values(
        BadCell{"monthly_revenue", "-1", FaultKind::negative}, BadCell{"monthly_revenue", "", FaultKind::blank_value},
        BadCell{"monthly_revenue", "ten", FaultKind::text_in_number},
        BadCell{"monthly_revenue", "nan", FaultKind::not_a_number},
        BadCell{"monthly_revenue", "inf", FaultKind::infinite},
        BadCell{"monthly_revenue", "1e999", FaultKind::out_of_range},
        BadCell{"monthly_revenue", "1e16", FaultKind::out_of_range},
        BadCell{"revenue_growth", "101", FaultKind::out_of_range},
        BadCell{"monthly_revenue", "0x1F", FaultKind::hexadecimal},
        BadCell{"churn_probability", "1.01", FaultKind::out_of_range},
        BadCell{"churn_probability", "-0.01", FaultKind::out_of_range},
        BadCell{"churn_probability", " ", FaultKind::blank_value},
        BadCell{"survival_2", "0.95", FaultKind::increasing_survival},
        BadCell{"survival_1", "1.5", FaultKind::out_of_range}, BadCell{"survival_1", "", FaultKind::blank_value},
        BadCell{"margin", "1.5", FaultKind::out_of_range}, BadCell{"margin", "-1.5", FaultKind::out_of_range},
        BadCell{"acquisition_cost", "-1", FaultKind::negative}, BadCell{"retention_cost", "-1", FaultKind::negative},
        BadCell{"revenue_growth", "-1", FaultKind::out_of_range}, BadCell{"revenue_growth", "inf", FaultKind::infinite},
        BadCell{"revenue_volatility", "5.1", FaultKind::out_of_range},
        BadCell{"market_beta", "-11", FaultKind::out_of_range}, BadCell{"tenure_months", "-1", FaultKind::out_of_range},
        BadCell{"tenure_months", "12000.5", FaultKind::out_of_range},
        BadCell{"churned", "maybe", FaultKind::not_yes_or_no}));

TEST(Customers, LimitsAreAllowed) {
    const auto [table, report] = read(
        "customer_id,monthly_revenue,churn_probability,margin,revenue_growth,revenue_volatility,market_beta,tenure_"
        "months\n"
        "a,0,0,-1,-0.999,0,-10,0\nb,-0,1,1,5,5,10,12000\n");
    EXPECT_EQ(report.rows_accepted, 2U);
    EXPECT_FALSE(std::signbit(table.monthly_revenue[1]));
}

TEST(Customers, ABlankIsAFaultOnlyWhereTheColumnIsRequired) {
    const std::string text = "customer_id,monthly_revenue,tenure_months,churned\na,1,,\nb,1,3,1\n";
    const auto optional = read(text);
    EXPECT_EQ(optional.table.tenure_months, (Column{0, 3}));
    EXPECT_EQ(optional.table.churned, (std::vector<std::uint8_t>{0, 1}));
    const auto required = read(text, {}, {.tenure_months = true, .churned = true});
    EXPECT_EQ(count(required.report, FaultKind::blank_value), 2U);
}

TEST(Customers, FaultsAreListedCellByCellAndRowsRejected) {
    std::vector<std::string> rejected;
    const auto sink = [&](const RejectedRow& row) {
        rejected.push_back(fmt::format("{}|{}|{}", row.line, row.text, row.reason));
    };
    const auto [table, report] = read(
        "customer_id,monthly_revenue,margin,note\r\n"
        "a,1,1,\"two\r\nlines\"\r\n"
        "b,-1,2,x\r\n"
        "a,1,1,\"again, a\"\r\n"
        "c,1,1\r\n"
        ",1,1,x\r\n"
        "d,1,1,x\r\n",
        {}, {}, sink);
    EXPECT_EQ(report.header_text, "customer_id,monthly_revenue,margin,note");
    EXPECT_EQ(report.rows_read, 6U);
    EXPECT_EQ(report.rows_accepted, 2U);
    EXPECT_EQ(report.rows_rejected, 4U);
    EXPECT_EQ(report.fault_count(), 5U);
    EXPECT_EQ(rejected, (std::vector<std::string>{"4|b,-1,2,x|negative (monthly_revenue); out_of_range (margin)",
                                                  "5|a,1,1,\"again, a\"|duplicate_id (customer_id)",
                                                  "6|c,1,1|wrong_field_count", "7|,1,1,x|blank_id (customer_id)"}));
    const Fault& duplicate = report.faults[2];
    EXPECT_EQ(duplicate.line, 5U);
    EXPECT_NE(duplicate.problem.find("line 2"), std::string::npos) << "both lines";
    ASSERT_EQ(table.features.size(), 1U);
    EXPECT_EQ(table.features[0].categories, (std::vector<std::string>{"two\r\nlines", "x"})) << "no rejected texts";
    EXPECT_NO_THROW(require_accepted(report, OnFault::reject_rows, 4.0 / 6.0));
    EXPECT_THROW(require_accepted(report, OnFault::reject_rows), InputError) << "too many of them";
    try {
        require_accepted(report, OnFault::refuse);
        FAIL();
    } catch (const InputError& error) {
        const std::string message = error.what();
        for (const char* part :
             {"customers.csv: 5 fault(s) in 4 of 6 rows", "duplicate_id: 1",
              "line 4, column 2 (monthly_revenue), customer b", "'-1' is negative: give a value >= 0", "clv validate",
              "input.on_fault = \"reject_rows\""}) {
            EXPECT_NE(message.find(part), std::string::npos) << part << "\n" << message;
        }
    }
}

TEST(Customers, CountsAllFaultsAndKeepsTheFirst) {
    std::string text = "customer_id,monthly_revenue\n";
    for (int row = 0; row < 5'000; ++row) {
        text += fmt::format("{},-1\n", row);
    }
    const auto [table, report] = read(text);
    EXPECT_EQ(count(report, FaultKind::negative), 5'000U);
    EXPECT_EQ(report.faults.size(), ValidationReport::max_faults_kept);
    EXPECT_THROW(require_accepted(report, OnFault::reject_rows), InputError) << "no row is left";
    try {
        require_accepted(report, OnFault::refuse);
    } catch (const InputError& error) {
        const std::string message = error.what();
        EXPECT_NE(message.find("the first 20:"), std::string::npos);
        EXPECT_NE(message.find("line 21,"), std::string::npos);
        EXPECT_EQ(message.find("line 22,"), std::string::npos);
    }
}

void expect_structural(const CustomersRead& read, FaultKind kind, std::uint64_t line, const std::string& part) {
    ASSERT_TRUE(read.report.structural.has_value());
    EXPECT_EQ(name(read.report.structural->kind), name(kind));
    EXPECT_EQ(read.report.structural->line, line);
    EXPECT_EQ(read.table.size(), 0U);
    for (const OnFault on_fault : {OnFault::refuse, OnFault::reject_rows}) {
        try {
            require_accepted(read.report, on_fault);
            FAIL();
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << part << "\n" << error.what();
        }
    }
}

TEST(Customers, StructuralFaultsAlwaysRefuse) {
    using namespace std::string_literals;
    const std::string start = "customer_id,monthly_revenue\na,1\n";
    expect_structural(read(""), FaultKind::empty_file, 0, "customers.csv: the file is empty");
    expect_structural(read("\n\n"), FaultKind::empty_file, 0, "empty");
    expect_structural(read("customer_id,monthly_revenue\n"), FaultKind::header_only, 0, "no rows");
    expect_structural(read("customer_id,margin,margin\na,1,1\n"), FaultKind::duplicate_column, 1,
                      "line 1, column 3 (margin): the name already stands in column 2");
    expect_structural(read(start + "b,\"1\n"), FaultKind::unterminated_quote, 3, "line 3, column 2 (monthly_revenue)");
    expect_structural(read(start + "\"b\"x,1\n"), FaultKind::text_after_quote, 3, "column 1 (customer_id)");
    expect_structural(read(start + "b,1\0\n"s), FaultKind::nul_byte, 3, "NUL");
    expect_structural(read(start + "\xE9,1\n"), FaultKind::invalid_utf8, 3, "0xE9");
    expect_structural(read(start + std::string(10'000'000, 'x')), FaultKind::field_too_long, 3, "1048576");
}

TEST(Customers, AMissingColumnIsExplained) {
    const auto missing = read("customerID,monthly_revenu,city\na,1,x\n");
    for (const char* part :
         {"'customer_id' (did you mean 'customerID'?)", "'monthly_revenue' (did you mean 'monthly_revenu'?)",
          "input.columns.customer_id", "input.defaults.monthly_revenue",
          "the file's columns are customerID, monthly_revenu, city"}) {
        expect_structural(missing, FaultKind::missing_column, 1, part);
    }
    const std::string text = "customer_id,monthly_revenue,survival_1,survival_3\na,1,1,1\n";
    expect_structural(read(text), FaultKind::missing_column, 1, "survival_2");
    const std::string bare = "customer_id,monthly_revenue\na,1\n";
    expect_structural(read(bare, {}, {.churn_probability = true}), FaultKind::missing_column, 1, "churn_probability");
    expect_structural(read(bare, {}, {.survival_curve = true}), FaultKind::missing_column, 1, "survival_1");
    expect_structural(read(bare, {}, {.churn_probability_or_curve = true}), FaultKind::missing_column, 1,
                      "'churn_probability' or 'survival_1'");
    expect_structural(read(bare, {}, {.tenure_months = true}), FaultKind::missing_column, 1, "tenure_months");
    expect_structural(read(bare, {}, {.churned = true}), FaultKind::missing_column, 1, "churned");
    InputSettings settings;
    settings.columns = {{"margin", "monthly_revenues"}};
    expect_structural(read(bare, settings), FaultKind::missing_column, 1,
                      "'monthly_revenues' (did you mean 'monthly_revenue'?)");
    InputSettings segments;
    segments.segment_by = {"city"};
    expect_structural(read(bare, segments), FaultKind::missing_column, 1, "input.segment_by");
    EXPECT_FALSE(read(bare,
                      {.customers = {}, .columns = {}, .defaults = {{"churn_probability", "0.1"}}, .segment_by = {}},
                      {.churn_probability_or_curve = true})
                     .report.structural.has_value());
}

TEST(Customers, WrongSettingsAreConfigErrors) {
    const std::string text = "customer_id,monthly_revenue\na,1\n";
    const auto fails_with = [&](const InputSettings& settings, const std::string& part) {
        try {
            read(text, settings);
            FAIL() << part;
        } catch (const ConfigError& error) {
            EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
        }
    };
    InputSettings settings;
    settings.columns = {{"monthly_revenu", "x"}};
    fails_with(settings, "did you mean 'monthly_revenue'?");
    settings.columns = {{"monthly_revenue", "x"}, {"margin", "x"}};
    fails_with(settings, "both name 'x'");
    settings.columns = {};
    settings.defaults = {{"margin", "2"}};
    fails_with(settings, "input.defaults.margin: '2' is outside [-1, 1]");
    settings.defaults = {{"margin", "much"}};
    fails_with(settings, "text in a number");
    settings.defaults = {{"customer_id", "a"}};
    fails_with(settings, "input.defaults.customer_id");
    settings.defaults = {{"churned", "perhaps"}};
    fails_with(settings, "input.defaults.churned");
    NoProgress progress;
    EXPECT_THROW((void)read_customers({}, {}, progress), ConfigError);
}

TEST(Customers, MissingFilesAreInputErrors) {
    NoProgress progress;
    for (const std::string& path :
         {std::string("/nowhere/customers.csv"), std::filesystem::temp_directory_path().string()}) {
        InputSettings settings;
        settings.customers = path;
        try {
            (void)read_customers(settings, {}, progress);
            FAIL();
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find(path), std::string::npos);
        }
    }
}

TEST(Customers, TheContentHashIsThatOfTheContent) {
    const auto hash = [](const std::string& text, const InputSettings& settings = {}) {
        return read(text, settings).table.content_hash;
    };
    const auto original = hash("customer_id,monthly_revenue,age,plan\na,1,30,x\nb,2,,y\n");
    EXPECT_EQ(hash("customer_id,monthly_revenue,age,plan\r\nb,2.0,,\"y\"\r\na,+1,3e1,x"), original)
        << "order and writing";
    EXPECT_EQ(hash("plan,customer_id,age,monthly_revenue,margin\nx,a,30,1,1\ny,b,,2,\n"), original) << "defaults";
    EXPECT_EQ(hash("id,monthly_revenue,age,plan\na,1,30,x\nb,2,,y\n",
                   {.customers = {}, .columns = {{"customer_id", "id"}}, .defaults = {}, .segment_by = {}}),
              original)
        << "the file's own names";
    for (const char* changed : {"customer_id,monthly_revenue,age,plan\na,1,30,x\nb,2.000001,,y\n",
                                "customer_id,monthly_revenue,age,plan\na,1,30,x\nc,2,,y\n",
                                "customer_id,monthly_revenue,age,plan\na,1,30,y\nb,2,,x\n",
                                "customer_id,monthly_revenue,age,plan\na,1,,x\nb,2,30,y\n",
                                "customer_id,monthly_revenue,ages,plan\na,1,30,x\nb,2,,y\n",
                                "customer_id,monthly_revenue,age,plan\na,1,30,x\n",
                                "customer_id,retention_cost,monthly_revenue,age,plan\na,1,1,30,x\nb,0,2,,y\n"}) {
        EXPECT_NE(hash(changed), original) << changed;
    }
}

class CountingProgress final : public Progress {
  public:
    void begin(std::string_view /*stage*/, std::uint64_t all) override { total = all; }
    void advance(std::uint64_t units) override { done += units; }
    void end() override { ended = true; }
    std::uint64_t total = 0;
    std::uint64_t done = 0;
    bool ended = false;
};

std::string many_rows() {
    std::string text = "customer_id,monthly_revenue\n";
    for (int row = 0; row < 50'000; ++row) {
        text += fmt::format("customer-{},{}\n", row, row);
    }
    return text;
}

TEST(Customers, ReportsProgressInBytes) {
    const std::string text = many_rows();
    CsvReader reader = CsvReader::from_text(text);
    CountingProgress progress;
    const auto [table, report] = read_customers(reader, {}, {}, progress);
    EXPECT_EQ(table.size(), 50'000U);
    EXPECT_EQ(progress.total, text.size());
    EXPECT_EQ(progress.done, text.size());
    EXPECT_TRUE(progress.ended);
}

TEST(Customers, StopsWhenTheUserAsks) {
    request_interruption();
    EXPECT_THROW(read(many_rows()), Interrupted);
    clear_interruption();
}

}  // namespace
}  // namespace clv
