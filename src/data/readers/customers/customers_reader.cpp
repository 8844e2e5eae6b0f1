#include "clv/data/readers/customers_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/tables/content_hash.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "customers_layout.hpp"
#include "data/readers/row_reader.hpp"
#include "data/readers/segment_codes.hpp"
#include "data/readers/table_rows.hpp"
#include "data/tables/id_index.hpp"
#include "feature_columns.hpp"

namespace clv {
namespace {

constexpr std::uint64_t rows_before_reserving = 1'000;

/// Reads rows into the table: a row is checked as a whole before any of it is kept.
template <class Rows>
class CustomerRows final : public RowReader<Rows> {
  public:
    CustomerRows(Rows rows, CustomersLayout layout, int threads, ValidationReport& report, const RejectSink& reject)
        : RowReader<Rows>(std::move(rows), layout.names.size(), report, reject),
          layout_(std::move(layout)),
          features_(threads) {
        this->id_column_ = layout_.id_field;
        for (const std::size_t field : layout_.feature_fields) {
            FeatureBuilder& feature = features_.add(field, layout_.names[field], row_.is_numeric(field));
            const std::span<const double> values = row_.doubles(field);
            if (std::ranges::none_of(values, [](double value) { return std::isinf(value); })) {
                feature.borrow(values, row_.owner());
            }
        }
        numbers_.resize(layout_.numbers.size());
        survival_.resize(layout_.survival_fields.size());
        for (const NumberField& number : layout_.numbers) {
            is_borrowed_.push_back(!row_.doubles(number.field).empty());
        }
        begins_ = place_of(&CustomerTable::observed_from_months);
        began_ = constant_of(&CustomerTable::observed_from_months);
        lived_ = place_of(&CustomerTable::tenure_months);
        lived_by_all_ = constant_of(&CustomerTable::tenure_months);
    }

    /// The name of a column of the file, counted from 1; empty if there is none.
    [[nodiscard]] std::string column_name(std::size_t column_number) const {
        return column_number >= 1 && column_number <= layout_.names.size() ? layout_.names[column_number - 1]
                                                                           : std::string();
    }

    [[nodiscard]] CustomerTable finish() && {
        const std::size_t rows = table_.size();
        table_.survival_months = static_cast<int>(layout_.survival_fields.size());
        if (row_.owner() != nullptr) {
            borrow_numbers();
        }
        for (const auto& [column, value] : layout_.constants) {
            (table_.*column->values).assign(rows, value);
        }
        if (layout_.churned_constant) {
            table_.churned.assign(rows, static_cast<std::uint8_t>(*layout_.churned_constant));
        }
        table_.segments = segments_.sort(table_.segment);
        for (FeatureBuilder& feature : features_.finished()) {
            const std::string name = feature.name();
            if (feature.infinite() > 0) {
                report_.notes.push_back(fmt::format("column '{}' has {} infinite numbers, which are taken as missing",
                                                    shortened(name), feature.infinite()));
            }
            if (auto column = std::move(feature).finish()) {
                table_.features.push_back(*std::move(column));
            } else {
                report_.notes.push_back(
                    fmt::format("text column '{}' is not kept: it has over {} distinct texts (or {} MiB of them)",
                                shortened(name), TextDictionary::max_texts, TextDictionary::max_bytes >> 20));
            }
        }
        question_growth();
        table_.mapped_names = std::move(layout_.mapped_names);
        table_.content_hash = content_hash(table_);
        return std::move(table_);
    }

  private:
    using RowReader<Rows>::row_;
    using RowReader<Rows>::report_;

    void check_row() override {
        if (report_.rows_read == rows_before_reserving) {
            reserve();
        }
        check_id();
        for (std::size_t index = 0; index < layout_.numbers.size(); ++index) {
            const NumberField& number = layout_.numbers[index];
            if (auto fault =
                    check_number(*number.column, row_.number(number.field), number.blank_value, numbers_[index])) {
                add_cell_fault(number.field, *std::move(fault));
                numbers_[index] = std::numeric_limits<double>::quiet_NaN();  // compares with nothing
            }
        }
        check_observation();
        check_churned();
        check_survival();
    }

    /// Where a number of the row stands; none: it is the same for everybody, or not there at all.
    [[nodiscard]] std::optional<std::size_t> place_of(Column CustomerTable::*values) const {
        for (std::size_t index = 0; index < layout_.numbers.size(); ++index) {
            if (layout_.numbers[index].column->values == values) {
                return index;
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<double> constant_of(Column CustomerTable::*values) const {
        for (const auto& [column, value] : layout_.constants) {
            if (column->values == values) {
                return value;
            }
        }
        return std::nullopt;
    }

    /// Observation begins while somebody is a customer.
    void check_observation() {
        if (!begins_ && !began_) {
            return;
        }
        const std::optional<double> from = begins_ ? std::optional(numbers_[*begins_]) : began_;
        const std::optional<double> tenure = lived_ ? std::optional(numbers_[*lived_]) : lived_by_all_;
        if (!tenure || !(*from > *tenure)) {
            return;
        }
        if (begins_) {
            add_cell_fault(layout_.numbers[*begins_].field, FaultKind::out_of_range,
                           fmt::format("is above tenure_months, {}", *tenure),
                           "give the tenure at which observation began, at most the tenure so far");
        } else if (lived_) {
            add_cell_fault(layout_.numbers[*lived_].field, FaultKind::out_of_range,
                           fmt::format("is below input.defaults.observed_from_months, {}", *from),
                           "give observed_from_months as a column");
        }
    }

    void check_id() {
        const std::string_view id = trimmed(row_[layout_.id_field]);
        if (id.empty()) {
            add_cell_fault(layout_.id_field, FaultKind::blank_id, "is blank", "give every customer an id");
            return;
        }
        id_hash_ = customer_id_hash(id);
        const auto earlier = index_.find(id_hash_, table_.id_hash);
        if (!earlier) {
            return;
        }
        if (table_.customer_id[*earlier] != id) {
            throw InputError(fmt::format(
                "{}: customers '{}' ({}) and '{}' ({}) have the same 64-bit hash, so "
                "they would share their random numbers: rename one of them",
                report_.file, shortened(table_.customer_id[*earlier]), line_text(lines_[*earlier], report_.in_memory),
                shortened(id), line_text(row_.line(), report_.in_memory)));
        }
        add_cell_fault(layout_.id_field, FaultKind::duplicate_id,
                       fmt::format("already stands in {}", line_text(lines_[*earlier], report_.in_memory)),
                       "give one row per customer");
    }

    /// Growth that more than doubles revenue every year is a percentage that was meant as a fraction, perhaps.
    void question_growth() {
        const auto question = [&](double most, const std::string& where, const std::string& of_whom) {
            report_.warnings.push_back(fmt::format("{} is {:.5g}{}, {:.5g}% a year: did you mean {:.5g}?", where, most,
                                                   of_whom, 100.0 * most, most / 100.0));
        };
        const auto is_growth = [](const CustomerColumn* column) {
            return column->values == &CustomerTable::revenue_growth;
        };
        for (const auto& [column, value] : layout_.constants) {
            if (is_growth(column) && value > 1.0) {
                question(value, "input.defaults.revenue_growth", "");
            }
        }
        for (const NumberField& number : layout_.numbers) {
            const Column& growth = table_.revenue_growth;
            std::size_t most = 0;
            std::size_t questioned = 0;
            for (std::size_t i = 0; is_growth(number.column) && i < growth.size(); ++i) {
                questioned += growth[i] > 1.0 ? 1 : 0;
                most = growth[i] > growth[most] ? i : most;
            }
            if (questioned > 0) {
                question(growth[most], fmt::format("column {}", layout_.names[number.field]),
                         fmt::format(" for customer {} and above 1 for {} in all", shortened(table_.customer_id[most]),
                                     questioned));
            }
        }
    }

    void check_churned() {
        if (!layout_.churned_field) {
            return;
        }
        const std::string_view cell = row_[*layout_.churned_field];
        churned_ = parse_yes_or_no(cell);
        if (churned_ >= 0) {
            return;
        }
        if (!trimmed(cell).empty()) {
            add_cell_fault(*layout_.churned_field, FaultKind::not_yes_or_no, "is neither yes nor no",
                           "give 0 or 1, yes or no, true or false");
        } else if (layout_.churned_blank_value) {
            churned_ = *layout_.churned_blank_value;
        } else {
            add_cell_fault(*layout_.churned_field, FaultKind::blank_value, "is blank", "give 0 or 1");
        }
    }

    void check_survival() {
        static constexpr CustomerColumn share{"survival", "", nullptr, 0, 1, true, std::nullopt, false, ""};
        double before = 1.0;
        for (std::size_t month = 0; month < survival_.size(); ++month) {
            const std::size_t field = layout_.survival_fields[month];
            double value = 0.0;
            if (auto fault = check_number(share, row_.number(field), std::nullopt, value)) {
                add_cell_fault(field, *std::move(fault));
                return;
            }
            if (value > before) {
                add_cell_fault(field, FaultKind::increasing_survival,
                               fmt::format("is above the {} of the month before", before),
                               "survival may not rise from month to month");
                return;
            }
            before = value;
            survival_[month] = static_cast<float>(value);
        }
    }

    void add_cell_fault(std::size_t field, Fault fault) {
        this->add_fault({field, layout_.names[field]}, std::move(fault));
    }
    void add_cell_fault(std::size_t field, FaultKind kind, std::string problem, std::string remedy) {
        add_cell_fault(field, cell_fault(kind, std::move(problem), std::move(remedy)));
    }

    void keep_row() override {
        if (table_.size() == IdIndex::max_rows) {
            throw InputError(
                fmt::format("{}: more than {} customers: split the file", report_.file, IdIndex::max_rows));
        }
        table_.customer_id.push_back(trimmed(row_[layout_.id_field]));
        table_.id_hash.push_back(id_hash_);
        index_.add_last(table_.id_hash);
        lines_.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(row_.line(), UINT32_MAX)));
        for (std::size_t index = 0; index < numbers_.size(); ++index) {
            if (!is_borrowed_[index]) {
                (table_.*layout_.numbers[index].column->values).push_back(numbers_[index]);
            }
        }
        if (layout_.churned_field) {
            table_.churned.push_back(static_cast<std::uint8_t>(churned_));
        }
        table_.survival.insert(table_.survival.end(), survival_.begin(), survival_.end());
        if (!layout_.segment_parts.empty()) {
            table_.segment.push_back(segment_code());
        }
        features_.keep(row_);
    }

    std::uint32_t segment_code() {
        segment_.clear();
        for (const SegmentPart& part : layout_.segment_parts) {
            const std::string_view text = trimmed(part.field ? row_[*part.field] : std::string_view(part.text));
            segment_ += &part == &layout_.segment_parts.front() ? "" : " | ";
            segment_ += text.empty() ? "(blank)" : text;
        }
        return segments_.code(segment_, report_, row_.line(), "choose columns with fewer values in input.segment_by");
    }

    /// Columns that are as they should be stay where they are; where rows were left out, what remains is copied.
    void borrow_numbers() {
        std::vector<std::uint32_t> rows = std::move(lines_);
        for (std::uint32_t& row : rows) {
            row -= static_cast<std::uint32_t>(first_line_in_memory);
        }
        for (std::size_t index = 0; index < numbers_.size(); ++index) {
            if (!is_borrowed_[index]) {
                continue;
            }
            const std::span<const double> values = row_.doubles(layout_.numbers[index].field);
            Column& column = table_.*layout_.numbers[index].column->values;
            const auto is_minus_zero = [](double value) { return value == 0.0 && std::signbit(value); };
            if (report_.rows_rejected == 0 && std::ranges::none_of(values, is_minus_zero)) {
                column.borrow(values, row_.owner());
                continue;
            }
            column.reserve(table_.size());
            for (const std::uint32_t row : rows) {
                column.push_back(values[row] + 0.0);
            }
        }
        for (FeatureBuilder& feature : features_.finished()) {
            if (feature.is_borrowed() && report_.rows_rejected > 0) {
                feature.copy(rows);
            }
        }
    }

    /// Room for as many rows as the rows so far promise: growing by doubling would need up to three times the memory.
    void reserve() {
        if (row_.total() == 0 || table_.size() == 0) {
            return;
        }
        const double rows_per_row = 1.05 * static_cast<double>(row_.total()) / static_cast<double>(row_.done());
        const auto rows = static_cast<std::size_t>(rows_per_row * static_cast<double>(table_.size()));
        const auto characters =
            static_cast<std::size_t>(rows_per_row * 1.1 * static_cast<double>(table_.customer_id.characters()));
        table_.customer_id.reserve(rows, characters);
        table_.id_hash.reserve(rows);
        lines_.reserve(rows);
        for (std::size_t index = 0; index < numbers_.size(); ++index) {
            if (!is_borrowed_[index]) {
                (table_.*layout_.numbers[index].column->values).reserve(rows);
            }
        }
        if (layout_.churned_field) {
            table_.churned.reserve(rows);
        }
        table_.survival.reserve(rows * survival_.size());
        if (!layout_.segment_parts.empty()) {
            table_.segment.reserve(rows);
        }
        features_.reserve(rows);
    }

    CustomersLayout layout_;
    CustomerTable table_;
    IdIndex index_;
    std::vector<std::uint32_t> lines_;  ///< of accepted rows
    SegmentCodes segments_;
    FeatureColumns features_;
    std::vector<bool> is_borrowed_;               ///< numbers that need not be copied
    std::optional<std::size_t> begins_, lived_;   ///< where observed_from_months and tenure_months stand in `numbers_`
    std::optional<double> began_, lived_by_all_;  ///< the same where they are one number for everybody

    // The row being checked.
    std::string segment_;
    std::uint64_t id_hash_ = 0;
    int churned_ = 0;
    std::vector<double> numbers_;
    std::vector<float> survival_;
};

/// All rows below the header, which stands on `line`.
template <class Rows>
void read_rows(Rows rows, const std::vector<std::string>& header, std::uint64_t line, const InputSettings& settings,
               const CustomerRequirements& requirements, Progress& progress, const RejectSink& reject,
               CustomersRead& read) {
    ValidationReport& report = read.report;
    auto laid_out = lay_out_customers(header, line, settings, requirements);
    if (auto* fault = std::get_if<Fault>(&laid_out)) {
        report.refuse(std::move(*fault));
        return;
    }
    auto& layout = std::get<CustomersLayout>(laid_out);
    report.notes = layout.notes;
    CustomerRows<Rows> customers(std::move(rows), std::move(layout), settings.threads, report, reject);
    if (customers.read_all(
            progress, "reading customers",
            cell_fault(FaultKind::header_only, "the file has a header and no rows", "give one row per customer"))) {
        read.table = std::move(customers).finish();
    } else if (report.structural->column.empty()) {
        report.structural->column = customers.column_name(report.structural->column_number);
    }
}

}  // namespace

CustomersRead read_customers(CsvReader& reader, const InputSettings& settings, const CustomerRequirements& requirements,
                             Progress& progress, const RejectSink& reject) {
    CustomersRead read;
    if (!begin_table(reader, "give a header row and one row per customer", read.report)) {
        return read;
    }
    std::vector<std::string> header;
    for (std::size_t field = 0; field < reader.size(); ++field) {
        header.emplace_back(reader[field]);
    }
    read_rows(CsvRows(reader), header, reader.line(), settings, requirements, progress, reject, read);
    return read;
}

CustomersRead read_customers(const std::shared_ptr<const MemoryTable>& table, std::string name,
                             const InputSettings& settings, const CustomerRequirements& requirements,
                             Progress& progress, const RejectSink& reject) {
    CustomersRead read;
    read.report.file = std::move(name);
    read.report.in_memory = true;
    append_csv_header(*table, read.report.header_text);
    read_rows(MemoryRows(table), table->names(), 0, settings, requirements, progress, reject, read);
    return read;
}

CustomersRead read_customers(const InputSettings& settings, const CustomerRequirements& requirements,
                             Progress& progress, const RejectSink& reject) {
    if (settings.customers.empty()) {
        throw ConfigError("input.customers: no customers file is named: set it to the path of a CSV file");
    }
    if (const auto table = settings.tables.find(settings.customers); table != settings.tables.end()) {
        return read_customers(table->second, settings.customers, settings, requirements, progress, reject);
    }
    CsvReader reader{std::filesystem::path(settings.customers)};
    return read_customers(reader, settings, requirements, progress, reject);
}

}  // namespace clv
