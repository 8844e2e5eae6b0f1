#include "clv/data/readers/summary_reader.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "clv/core/magnitudes.hpp"
#include "clv/data/tables/content_hash.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "row_reader.hpp"
#include "segment_codes.hpp"

namespace clv {
namespace {

constexpr std::array<std::string_view, 7> column_names{"customer_id", "segment",        "frequency", "recency",
                                                       "T",           "monetary_value", "weight"};
enum Number : std::size_t { frequency, recency, age, monetary_value, weight };
constexpr auto number_names = std::span(column_names).last<5>();
constexpr std::size_t required_numbers = 3;
constexpr std::array<double, number_names.size()> smallest{0.0, magnitudes::smallest_time, magnitudes::smallest_time,
                                                           magnitudes::smallest_amount, 0.0};
constexpr std::array<double, number_names.size()> largest{magnitudes::largest_count, magnitudes::largest_time,
                                                          magnitudes::largest_time, magnitudes::largest_amount,
                                                          magnitudes::largest_weight};
constexpr std::array<const char*, number_names.size()> remedies{
    "give the number of repeat purchases", "give times in the unit of fit.time_unit",
    "give times in the unit of fit.time_unit", "give the mean of a purchase, in currency",
    "give the number of customers that the row stands for"};

class SummaryRows final : public RowReader<CsvRows> {
  public:
    SummaryRows(CsvReader& reader, const TableHeader& header, const std::vector<std::string>& covariates,
                HistoryTime time, ValidationReport& report, const RejectSink& reject)
        : RowReader(CsvRows(reader), header.size(), report, reject), time_(time) {
        header.require_known(column_names, "a purchase summary");
        const auto find = [&](std::string_view name, bool is_required) {
            const std::string ours(name);
            const bool must_be_there = is_required || header.is_mapped(ours);
            return header.find(ours,
                               must_be_there ? fmt::format("name the file's column in input.columns.{}", ours) : "");
        };
        id_ = find("customer_id", false);
        if (id_) {
            id_column_ = id_->index;
        }
        segment_ = find("segment", false);
        for (std::size_t number = 0; number < number_names.size(); ++number) {
            numbers_[number] = find(number_names[number], number < required_numbers);
        }
        for (const std::string& name : covariates) {
            if (auto column = header.find_named(name, "see fit.covariates, or the model's covariates")) {
                covariates_.push_back(*std::move(column));
                FeatureColumn feature;
                feature.name = name;
                summary_.features.push_back(std::move(feature));
            }
        }
        covariate_values_.resize(covariates_.size());
    }

    [[nodiscard]] PurchaseSummary finish(TimeUnit time_unit) && {
        summary_.time_unit = time_unit;
        summary_.segments = segments_.sort(summary_.segment);
        if (!numbers_[weight]) {
            summary_.weight.assign(summary_.size(), 1.0);
        }
        summary_.content_hash = content_hash(summary_);
        return std::move(summary_);
    }

  private:
    void check_row() override {
        for (std::size_t number = 0; number < number_names.size(); ++number) {
            if (numbers_[number]) {
                check_number(number, *numbers_[number]);
            }
        }
        for (std::size_t j = 0; j < covariates_.size(); ++j) {
            check_covariate(covariates_[j], covariate_values_[j]);
        }
        if (is_row_sound()) {
            check_history();
        }
        if (id_ && is_row_sound()) {
            check_id();
        }
    }

    /// Numbers of a history stand in the order of HistoryColumn.
    void check_history() {
        const double spend = numbers_[monetary_value] ? values_[monetary_value] : 0.0;
        if (auto fault = history_fault(values_[frequency], values_[recency], values_[age], spend, time_)) {
            add_fault(fault->kind, *numbers_[static_cast<std::size_t>(fault->column)], std::move(fault->problem),
                      std::move(fault->remedy));
        }
    }

    void check_number(std::size_t at, const TableColumn& column) {
        const std::optional<double> value = number(column);
        if (!value) {
            return;
        }
        values_[at] = *value;
        if (*value < 0.0) {
            add_fault(FaultKind::negative, column, "is negative", "give a number of at least 0");
        } else if (*value > largest[at]) {
            add_fault(FaultKind::out_of_range, column, fmt::format("is more than {}", largest[at]), remedies[at]);
        } else if (!magnitudes::has_magnitude(*value, smallest[at], largest[at])) {
            add_fault(FaultKind::out_of_range, column, fmt::format("is less than {}, and not 0", smallest[at]),
                      remedies[at]);
        }
    }

    void check_covariate(const TableColumn& column, double& value) {
        const NumberCell cell = row_.number(column.index);
        value = cell.value;
        if (auto fault = number_fault(cell.kind)) {
            fault->remedy =
                "covariates are numbers: for a category give one column of 0 and 1 for each of its values but one";
            add_fault(column, *std::move(fault));
        } else if (!magnitudes::has_magnitude(value, 0.0, magnitudes::largest_amount)) {
            add_fault(FaultKind::out_of_range, column,
                      fmt::format("is not from {0} to {1}", -magnitudes::largest_amount, magnitudes::largest_amount),
                      "give it in a larger unit");
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

    void keep_row() override {
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
            summary_.segment.push_back(segments_.code(row_[segment_->index], report_, row_.line(),
                                                      "name a column with fewer values in input.columns.segment"));
        }
    }

    HistoryTime time_;
    std::optional<TableColumn> id_;
    std::optional<TableColumn> segment_;
    SegmentCodes segments_;
    std::array<std::optional<TableColumn>, number_names.size()> numbers_;
    std::array<double, number_names.size()> values_{};
    std::vector<TableColumn> covariates_;
    std::vector<double> covariate_values_;
    std::unordered_set<std::uint64_t> hashes_;
    PurchaseSummary summary_;
};

}  // namespace

SummaryRead read_purchase_summary(CsvReader& reader, const std::map<std::string, std::string>& columns,
                                  TimeUnit time_unit, const RejectSink& reject,
                                  const std::vector<std::string>& covariates, HistoryTime time) {
    SummaryRead read;
    if (!begin_table(reader, "give a header and rows", read.report)) {
        return read;
    }
    SummaryRows rows(reader, TableHeader(reader, columns, read.report), covariates, time, read.report, reject);
    if (rows.read_all()) {
        read.summary = std::move(rows).finish(time_unit);
    }
    return read;
}

}  // namespace clv
