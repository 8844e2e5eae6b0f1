#include "clv/data/readers/summary_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/tables/content_hash.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "data/tables/text_dictionary.hpp"
#include "table_faults.hpp"

namespace clv {
namespace {

enum Number : std::size_t { frequency, recency, age, monetary_value, weight };
constexpr std::array<std::string_view, 5> number_names{"frequency", "recency", "T", "monetary_value", "weight"};
constexpr std::size_t required_numbers = 3;

class SummaryBuilder {
  public:
    SummaryBuilder(CsvReader& reader, const std::map<std::string, std::string>& columns,
                   const std::vector<std::string>& covariates, ValidationReport& report)
        : row_(reader), report_(report) {
        for (const auto& [ours, in_file] : columns) {
            if (ours != "customer_id" && ours != "segment" &&
                std::ranges::find(number_names, ours) == number_names.end()) {
                throw ConfigError(
                    fmt::format("input.columns.{}: no such column of a purchase summary: use one of "
                                "customer_id, segment, {}",
                                ours, fmt::join(number_names, ", ")));
            }
        }
        const auto name_in_file = [&](std::string_view ours) {
            const auto mapped = columns.find(std::string(ours));
            return mapped == columns.end() ? std::string(ours) : mapped->second;
        };
        fields_ = row_.size();
        id_ = find("customer_id", name_in_file("customer_id"), columns.contains("customer_id"));
        segment_ = find("segment", name_in_file("segment"), columns.contains("segment"));
        for (std::size_t number = 0; number < number_names.size(); ++number) {
            const std::string ours(number_names[number]);
            numbers_[number] = find(ours, name_in_file(ours), number < required_numbers || columns.contains(ours));
        }
        for (const std::string& name : covariates) {
            if (const auto found =
                    find_column(row_, {&name, 1}, "see fit.covariates, or the model's covariates", report)) {
                covariates_.push_back({*found, name});
                FeatureColumn column;
                column.name = name;
                summary_.features.push_back(std::move(column));
            }
        }
        covariate_values_.resize(covariates_.size());
    }

    void add_row(const RejectSink& reject) {
        ++report_.rows_read;
        reason_.clear();
        check_row();
        if (reason_.empty()) {
            keep_row();
            return;
        }
        ++report_.rows_rejected;
        if (reject) {
            reject({row_.line(), row_.row_text(), reason_});
        }
    }

    [[nodiscard]] PurchaseSummary finish(TimeUnit time_unit) && {
        summary_.time_unit = time_unit;
        sort_segments();
        if (!numbers_[weight]) {
            summary_.weight.assign(summary_.size(), 1.0);
        }
        summary_.content_hash = content_hash(summary_);
        return std::move(summary_);
    }

  private:
    std::optional<FileColumn> find(std::string_view ours, const std::string& name, bool required) {
        const std::string remedy = required ? fmt::format("name the file's column in input.columns.{}", ours) : "";
        const auto found = find_column(row_, {&name, 1}, remedy, report_);
        return found ? std::optional<FileColumn>({*found, name}) : std::nullopt;
    }

    void add_fault(FaultKind kind, const FileColumn& field, std::string problem, std::string remedy) {
        reason_ += fmt::format("{}{} ({})", reason_.empty() ? "" : "; ", name(kind), field.name);
        report_.add({kind, row_.line(field.index), field.index + 1, field.name, id_ ? shortened(row_[id_->index]) : "",
                     shortened(row_[field.index]), std::move(problem), std::move(remedy)});
    }

    void check_row() {
        if (row_.size() != fields_) {
            reason_ = name(FaultKind::wrong_field_count);
            report_.add({FaultKind::wrong_field_count,
                         row_.line(),
                         0,
                         {},
                         {},
                         {},
                         fmt::format("{} fields where the header has {}", row_.size(), fields_),
                         "quote fields that hold commas, and give every column a field"});
            return;
        }
        for (std::size_t number = 0; number < number_names.size(); ++number) {
            if (numbers_[number]) {
                check_number(number, *numbers_[number]);
            }
        }
        for (std::size_t j = 0; j < covariates_.size(); ++j) {
            check_covariate(covariates_[j], covariate_values_[j]);
        }
        if (reason_.empty() && values_[recency] > values_[age]) {
            add_fault(FaultKind::out_of_range, *numbers_[recency], "is more than T",
                      "give recency as the time from the first purchase to the last, in the unit of T");
        }
        if (id_ && reason_.empty()) {
            check_id();
        }
    }

    void check_number(std::size_t number, const FileColumn& field) {
        const NumberCell cell = parse_number(row_[field.index]);
        values_[number] = cell.value;
        if (const auto fault = number_fault(cell.kind)) {
            add_fault(fault->kind, field, fault->problem, fault->remedy);
        } else if (cell.value < 0.0) {
            add_fault(FaultKind::negative, field, "is negative", "give a number of at least 0");
        } else if (number == frequency && cell.value != std::floor(cell.value)) {
            add_fault(FaultKind::out_of_range, field, "is not whole", "give the number of repeat purchases");
        }
    }

    void check_covariate(const FileColumn& field, double& value) {
        const NumberCell cell = parse_number(row_[field.index]);
        value = cell.value;
        if (const auto fault = number_fault(cell.kind)) {
            add_fault(
                fault->kind, field, fault->problem,
                "covariates are numbers: for a category give one column of 0 and 1 for each of its values but one");
        }
    }

    void check_id() {
        const std::string_view id = trimmed(row_[id_->index]);
        if (id.empty()) {
            add_fault(FaultKind::blank_id, *id_, "is blank", "give every customer an id");
        } else if (!hashes_.insert(customer_id_hash(id)).second) {
            add_fault(FaultKind::duplicate_id, *id_, "stands in an earlier row", "give one row per customer");
        }
    }

    void keep_row() {
        ++report_.rows_accepted;
        const std::string id = id_ ? std::string(trimmed(row_[id_->index])) : fmt::format("{}", report_.rows_accepted);
        summary_.customer_id.push_back(id);
        summary_.id_hash.push_back(customer_id_hash(id));
        summary_.frequency.push_back(values_[frequency]);
        summary_.recency.push_back(values_[recency]);
        summary_.age.push_back(values_[age]);
        if (numbers_[monetary_value]) {
            summary_.monetary_value.push_back(values_[monetary_value]);
        }
        if (numbers_[weight]) {
            summary_.weight.push_back(values_[weight]);
        }
        for (std::size_t j = 0; j < covariates_.size(); ++j) {
            summary_.features[j].numbers.push_back(covariate_values_[j]);
        }
        if (segment_) {
            const std::string_view text = trimmed(row_[segment_->index]);
            const auto code = segments_.find_or_add(text.empty() ? "(blank)" : text);
            if (!code) {
                throw InputError(
                    fmt::format("{}: more than {} segments ({}): name a column with fewer values in "
                                "input.columns.segment",
                                row_.name(), TextDictionary::max_texts, line_text(row_.line(), row_.in_memory())));
            }
            summary_.segment.push_back(*code);
        }
    }

    void sort_segments() {
        summary_.segments = segments_.texts();
        std::ranges::sort(summary_.segments);
        std::vector<std::uint32_t> rank;
        for (const std::string& text : segments_.texts()) {
            const auto place = std::ranges::lower_bound(summary_.segments, text);
            rank.push_back(static_cast<std::uint32_t>(place - summary_.segments.begin()));
        }
        for (std::uint32_t& segment : summary_.segment) {
            segment = rank[segment];
        }
    }

    CsvReader& row_;
    ValidationReport& report_;
    std::size_t fields_ = 0;
    std::optional<FileColumn> id_;
    std::optional<FileColumn> segment_;
    TextDictionary segments_;
    std::array<std::optional<FileColumn>, number_names.size()> numbers_;
    std::array<double, number_names.size()> values_{};
    std::vector<FileColumn> covariates_;
    std::vector<double> covariate_values_;
    std::unordered_set<std::uint64_t> hashes_;
    std::string reason_;
    PurchaseSummary summary_;
};

}  // namespace

SummaryRead read_purchase_summary(CsvReader& reader, const std::map<std::string, std::string>& columns,
                                  TimeUnit time_unit, const RejectSink& reject,
                                  const std::vector<std::string>& covariates) {
    SummaryRead read;
    read.report.file = reader.name();
    read.report.in_memory = reader.in_memory();
    if (!read_first_row(reader, "give a header and rows", read.report)) {
        return read;
    }
    SummaryBuilder builder(reader, columns, covariates, read.report);
    if (read.report.structural) {
        return read;
    }
    if (for_each_row(reader, read.report, [&] { builder.add_row(reject); })) {
        read.summary = std::move(builder).finish(time_unit);
    }
    return read;
}

}  // namespace clv
