#include "transaction_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "clv/core/magnitudes.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "data/readers/table_header.hpp"

namespace clv {

namespace {

constexpr std::size_t nowhere = ~std::size_t{0};

/// The words of a line, blanks between them.
void split(std::string_view line, std::vector<std::string_view>& words) {
    words.clear();
    std::size_t at = 0;
    while (at < line.size()) {
        const std::size_t begin = line.find_first_not_of(" \t", at);
        if (begin == std::string_view::npos) {
            return;
        }
        at = std::min(line.find_first_of(" \t", begin), line.size());
        words.push_back(line.substr(begin, at - begin));
    }
}

bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return '0' <= c && c <= '9'; });
}

/// 17850.0 is 17850: a spreadsheet's number is no other customer.
std::string_view without_fraction(std::string_view id) {
    return id.ends_with(".0") && is_digits(id.substr(0, id.size() - 2)) ? id.substr(0, id.size() - 2) : id;
}

}  // namespace

TransactionRows::TransactionRows(CsvReader& reader, const TransactionSettings& settings, ValidationReport& report)
    : reader_(reader),
      settings_(settings),
      report_(report),
      faults_(report),
      days_(settings.dates_between.value_or(usual_days)) {
    place_.fill(nowhere);
    if (settings.schema == TransactionSchema::cdnow) {
        lay_out_fixed_width();
    } else {
        lay_out_header();
    }
}

TransactionRows::TransactionRows(const TransactionRows& layout, const CsvReader& reader, ValidationReport& report)
    : reader_(reader),
      settings_(layout.settings_),
      report_(report),
      faults_(report),
      days_(layout.days_),
      begins_with_data_(layout.begins_with_data_),
      row_fields_(layout.row_fields_),
      place_(layout.place_),
      name_(layout.name_) {}

void TransactionRows::lay_out_header() {
    row_fields_ = reader_.size();
    const auto find = [&](Field field, const std::vector<std::string>& spellings) {
        const auto found =
            find_column(reader_, spellings, "rename the file's column, or choose another input.schema", report_);
        place_[field] = found.value_or(nowhere);
        name_[field] = found ? trimmed(reader_[*found]) : std::string_view();
    };
    if (settings_.schema == TransactionSchema::generic) {
        find(customer, {"customer_id"});
        find(date, {"order_date"});
        find(amount, {"revenue"});
        return;
    }
    find(invoice, {"InvoiceNo", "Invoice"});
    find(quantity, {"Quantity"});
    find(date, {"InvoiceDate"});
    find(amount, {"UnitPrice", "Price"});
    find(customer, {"CustomerID", "Customer ID"});
}

void TransactionRows::lay_out_fixed_width() {
    split(reader_.row_text(), words_);
    begins_with_data_ = !words_.empty() && is_digits(words_.front());
    name_ = {"customer_id", "date", "dollar_value", "number_of_cds", ""};
}

std::string_view TransactionRows::cell(Field field) const {
    return settings_.schema == TransactionSchema::cdnow ? words_[place_[field]] : reader_[place_[field]];
}

void TransactionRows::add_fault(FaultKind kind, Field field, std::string problem, std::string remedy) {
    const bool fixed = settings_.schema == TransactionSchema::cdnow;
    faults_.add({kind, fixed ? reader_.line() : reader_.line(place_[field]), place_[field] + 1, name_[field],
                 shortened(cell(customer)), shortened(cell(field)), std::move(problem), std::move(remedy)});
}

bool TransactionRows::read_number(Field field, double& value) {
    const NumberCell number = parse_number(cell(field));
    value = number.value;
    if (const auto fault = number_fault(number.kind)) {
        add_fault(fault->kind, field, fault->problem, fault->remedy);
        return false;
    }
    return true;
}

bool TransactionRows::read(TransactionRow& row) {
    faults_.begin_row();
    const bool fixed = settings_.schema == TransactionSchema::cdnow;
    if (fixed) {
        split(reader_.row_text(), words_);
        if (words_.size() != 4 && words_.size() != 5) {
            Fault fault = cell_fault(
                FaultKind::wrong_field_count,
                fmt::format("{} fields where a row of CDNOW has 4, or 5 with the sample's second id", words_.size()),
                "give every column a field");
            fault.line = reader_.line();
            faults_.add(std::move(fault));
            return false;
        }
        const std::size_t second = words_.size() - 4;
        place_ = {0, 1 + second, 3 + second, 2 + second, nowhere};
    } else if (reader_.size() != row_fields_) {
        faults_.add(field_count_fault(reader_.line(), reader_.size(), row_fields_, decimal_comma(reader_)));
        return false;
    }
    const std::string_view id = trimmed(cell(customer));
    row.customer_id = settings_.schema == TransactionSchema::online_retail ? without_fraction(id) : id;
    row.is_cancellation = place_[invoice] != nowhere && trimmed(cell(invoice)).starts_with('C');
    if (id.empty() || (row.is_cancellation && !settings_.keep_cancellations)) {
        return true;  // a rule leaves it out, whatever else is wrong with it
    }
    const auto day = parse_date(cell(date), settings_.date_format);
    if (!day) {
        add_fault(FaultKind::invalid_date, date, "is no day in the order of input.date_format",
                  "write 2011-12-09, or set input.date_format");
    }
    row.day = day.value_or(std::chrono::sys_days{});
    const auto& [first, last] = days_;
    if (day && (*day < first || *day > last)) {
        add_fault(FaultKind::far_date, date, fmt::format("is not from {} to {}", iso_date(first), iso_date(last)),
                  "correct it, or set input.dates_between");
    }
    if (read_number(amount, row.revenue) && place_[quantity] != nowhere && !fixed) {
        double pieces = 0.0;
        if (read_number(quantity, pieces)) {
            row.revenue *= pieces;
        }
    }
    if (faults_.is_row_sound() && !(std::abs(row.revenue) <= magnitudes::largest_amount)) {
        add_fault(FaultKind::out_of_range, amount,
                  fmt::format("makes a revenue of {:.3g}, beyond {}", row.revenue, magnitudes::largest_amount),
                  "give amounts in currency");
    }
    if (faults_.is_row_sound() && settings_.date_format != DateFormat::iso &&
        std::chrono::year_month_day(row.day).day() > std::chrono::day(12)) {
        ++report_.days_of_one_order;
    }
    return faults_.is_row_sound();
}

}  // namespace clv
