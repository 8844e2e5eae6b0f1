// Customers of a table in memory against the same customers of the CSV file that would hold it.

#include "clv/data/tables/memory_table.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/data/readers/customers_reader.hpp"
#include "clv/data/tables/column.hpp"

namespace clv {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Columns of doubles, in which NaN is a missing value, and of texts.
class Frame final : public MemoryTable {
  public:
    using Cells = std::variant<std::vector<double>, std::vector<std::string>>;

    Frame& add(std::string name, Cells cells) {
        rows_ = std::visit([](const auto& values) { return values.size(); }, cells);
        names_.push_back(std::move(name));
        cells_.push_back(std::move(cells));
        return *this;
    }
    [[nodiscard]] const std::vector<double>& numbers(std::size_t column) const {
        return std::get<std::vector<double>>(cells_[column]);
    }

    [[nodiscard]] std::size_t rows() const noexcept override { return rows_; }
    [[nodiscard]] const std::vector<std::string>& names() const noexcept override { return names_; }
    [[nodiscard]] bool is_numeric(std::size_t column) const noexcept override {
        return std::holds_alternative<std::vector<double>>(cells_[column]);
    }
    [[nodiscard]] NumberCell number(std::size_t column, std::size_t row) const noexcept override {
        const double value = std::get<std::vector<double>>(cells_[column])[row];
        if (std::isnan(value)) {
            return {CellKind::blank, 0.0};
        }
        return {std::isinf(value) ? CellKind::infinite : CellKind::number, value};
    }
    [[nodiscard]] std::string_view text(std::size_t column, std::size_t row, std::string& room) const override {
        if (!is_numeric(column)) {
            return std::get<std::vector<std::string>>(cells_[column])[row];
        }
        const double value = numbers(column)[row];
        room = std::isnan(value) ? "" : fmt::format("{}", value);
        return room;
    }
    [[nodiscard]] std::span<const double> doubles(std::size_t column) const noexcept override {
        const auto* values = std::get_if<std::vector<double>>(&cells_[column]);
        if (values == nullptr || std::ranges::any_of(*values, [](double value) { return std::isnan(value); })) {
            return {};
        }
        return *values;
    }

  private:
    std::size_t rows_ = 0;
    std::vector<std::string> names_;
    std::vector<Cells> cells_;
};

std::shared_ptr<Frame> example() {
    auto frame = std::make_shared<Frame>();
    frame->add("customer_id", std::vector<std::string>{"A", "B, \"b\"", "C"})
        .add("monthly_revenue", std::vector<double>{10, 20.5, 0})
        .add("churn_probability", std::vector<double>{0.1, 0.25, 1})
        .add("margin", std::vector<double>{0.5, missing, 0.25})
        .add("segment", std::vector<std::string>{"x", "", "y"})
        .add("age", std::vector<double>{30, 41, 52})
        .add("score", std::vector<double>{1, missing, 3})
        .add("channel", std::vector<std::string>{"web", "shop", "web"});
    return frame;
}

std::string as_csv(const MemoryTable& table) {
    std::string text;
    append_csv_header(table, text);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        text += '\n';
        append_csv_row(table, row, text);
    }
    return text + "\n";
}

CustomersRead read_frame(const std::shared_ptr<const Frame>& frame, OnFault on_fault = OnFault::refuse) {
    InputSettings settings;
    settings.on_fault = on_fault;
    NoProgress progress;
    return read_customers(frame, "memory:customers", settings, {}, progress);
}

CustomersRead read_csv(const Frame& frame) {
    CsvReader reader = CsvReader::from_text(as_csv(frame));
    NoProgress progress;
    return read_customers(reader, {}, {}, progress);
}

TEST(MemoryTable, IsWhatItsCsvFileIs) {
    const std::shared_ptr<const Frame> frame = example();
    const CustomersRead table = read_frame(frame);
    const CustomersRead file = read_csv(*frame);
    EXPECT_EQ(table.report.rows_accepted, 3U);
    EXPECT_EQ(table.table.content_hash, file.table.content_hash);
    EXPECT_EQ(table.table.id_hash, file.table.id_hash);
    EXPECT_EQ(table.table.monthly_revenue, file.table.monthly_revenue);
    EXPECT_EQ(table.table.margin, file.table.margin);
    EXPECT_EQ(table.table.segments, file.table.segments);
    EXPECT_EQ(table.table.features.size(), file.table.features.size());
    EXPECT_EQ(table.table.customer_id[1], "B, \"b\"");
}

TEST(MemoryTable, NumbersStayWhereTheyAreAsLongAsTheyAreNeeded) {
    std::shared_ptr<const Frame> frame = example();
    const std::weak_ptr<const Frame> watched = frame;
    CustomersRead read = read_frame(frame);
    EXPECT_TRUE(read.table.monthly_revenue.is_borrowed());
    EXPECT_TRUE(read.table.churn_probability.is_borrowed());
    EXPECT_FALSE(read.table.margin.is_borrowed());  // it has a blank cell, which is 1
    EXPECT_EQ(read.table.features[0].values().data(), frame->numbers(5).data());
    EXPECT_TRUE(std::isnan(read.table.features[1].values()[1]));
    frame.reset();
    EXPECT_FALSE(watched.expired());
    EXPECT_EQ(read.table.monthly_revenue[1], 20.5);
    read = {};
    EXPECT_TRUE(watched.expired());
}

TEST(MemoryTable, WhatIsLeftOfRejectedRowsIsCopied) {
    const auto frame = example();
    frame->add("revenue_growth", std::vector<double>{0.1, -3, 0.2});
    const CustomersRead read = read_frame(frame, OnFault::reject_rows);
    EXPECT_EQ(read.report.rows_rejected, 1U);
    EXPECT_FALSE(read.table.monthly_revenue.is_borrowed());
    ASSERT_EQ(read.table.monthly_revenue.size(), 2U);
    EXPECT_EQ(read.table.monthly_revenue[1], 0.0);
    EXPECT_EQ(read.table.features[0].values().size(), 2U);
    EXPECT_EQ(read.table.features[0].values()[1], 52.0);
}

TEST(MemoryTable, FaultsNameTheRow) {
    const auto frame = example();
    frame->add("revenue_growth", std::vector<double>{0.1, 0.1, -3});
    const CustomersRead read = read_frame(frame);
    ASSERT_EQ(read.report.faults.size(), 1U);
    EXPECT_EQ(to_string(read.report.faults[0]),
              "row 2, column 9 (revenue_growth), customer C: '-3' is outside (-1, 100]: give a value in (-1, 100]");
}

TEST(MemoryTable, InfiniteFeaturesAreToldAndMissing) {
    const auto frame = example();
    frame->add("ratio", std::vector<double>{1, std::numeric_limits<double>::infinity(), 3});
    const CustomersRead read = read_frame(frame);
    EXPECT_TRUE(std::isnan(read.table.features.back().values()[1]));
    ASSERT_EQ(read.report.notes.size(), 1U);
    EXPECT_EQ(read.report.notes[0], "column 'ratio' has 1 infinite numbers, which are taken as missing");
}

TEST(Column, ABorrowedOneBecomesItsOwnWhenItIsWritten) {
    const auto owner = std::make_shared<std::vector<double>>(std::vector<double>{1, 2, 3});
    Column column;
    column.borrow(*owner, owner);
    const Column copy = column;
    column[1] = 7;
    EXPECT_EQ(column, (Column{1, 7, 3}));
    EXPECT_EQ(copy, (Column{1, 2, 3}));
    EXPECT_EQ(*owner, (std::vector<double>{1, 2, 3}));
    EXPECT_TRUE(copy.is_borrowed());
    EXPECT_FALSE(column.is_borrowed());
    column.push_back(4);
    EXPECT_EQ(column.size(), 4U);
}

}  // namespace
}  // namespace clv
