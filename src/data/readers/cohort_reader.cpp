#include "clv/data/readers/cohort_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "clv/core/errors.hpp"
#include "row_reader.hpp"

namespace clv {
namespace {

constexpr std::array<std::string_view, 7> column_names{"period",  "customers", "cohort", "segment",
                                                       "recency", "T",         "weight"};
constexpr double most_customers = 9.0e15;  // whole numbers that a double holds
constexpr double most_periods = 12'000.0;

/// Survivors of one cohort so far.
struct Series {
    std::uint64_t periods = 0;
    std::uint64_t customers = 0;
};

class CohortRows final : public RowReader<CsvRows> {
  public:
    CohortRows(CsvReader& reader, const TableHeader& header, const std::vector<std::string>& segment_by,
               const std::vector<std::string>& covariates, ValidationReport& report, const RejectSink& reject)
        : RowReader(CsvRows(reader), header.size(), report, reject) {
        header.require_known(column_names, "a cohort table");
        period_ = find(header, "period", "");
        if (period_) {
            find_survivors(header);
        } else {
            const std::string_view remedy =
                "give period and customers, or recency and T of every customer, and name the file's columns in "
                "input.columns.period and so on";
            recency_ = find(header, "recency", remedy);
            age_ = find(header, "T", remedy);
            weight_ = find(header, "weight", "");
        }
        find_segments(header, segment_by);
        find_covariates(header, covariates);
    }

    void finish(CohortsRead& read) && {
        for (auto& [name, counts] : segments_) {
            counts.segment = name;
            while (!counts.at_risk.empty() && counts.at_risk.back() == 0.0) {
                counts.at_risk.pop_back();
                counts.churned.pop_back();
            }
            read.segments.push_back(std::move(counts));
        }
        std::string text;
        for (std::size_t j = 0; j < covariates_.size(); ++j) {
            read.covariates.push_back(covariate(j));
            text += fmt::format("{}:{};", covariates_[j].name.size(), covariates_[j].name);
            for (const auto& [name, values] : values_) {
                text += fmt::format("{}:{},", values[j].size(), values[j]);
            }
        }
        for (const RenewalCounts& counts : read.segments) {
            const std::vector<std::uint64_t> at_risk(counts.at_risk.begin(), counts.at_risk.end());  // whole here
            text += fmt::format("{}:{} {} {};", counts.segment.size(), counts.segment, fmt::join(at_risk, ","),
                                fmt::join(counts.churned, ","));
        }
        const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
        read.content_hash = {hash.low64, hash.high64};
    }

  private:
    static std::optional<TableColumn> find(const TableHeader& header, const std::string& ours,
                                           std::string_view remedy) {
        return header.find(ours, header.is_mapped(ours) ? "see input.columns." + ours : std::string(remedy));
    }

    void find_survivors(const TableHeader& header) {
        cohort_ = find(header, "cohort", "");
        if (const auto customers = find(header, "customers", "")) {
            customers_ = {*customers};
            return;
        }
        side_by_side_ = true;
        for (std::size_t index = 0; index < fields_; ++index) {
            if (index != period_->index) {
                customers_.push_back({index, std::string(trimmed(row_[index]))});
            }
        }
        if (customers_.empty()) {
            report_.refuse(cell_fault(FaultKind::missing_column, "no column beside period",
                                      "name the column of customers in input.columns.customers"));
        }
    }

    void find_segments(const TableHeader& header, const std::vector<std::string>& segment_by) {
        if (side_by_side_ && !segment_by.empty()) {
            throw ConfigError(
                "input.segment_by: without a column customers, every column beside period is a segment: leave "
                "segment_by out, or name the column in input.columns.customers");
        }
        if (!segment_by.empty()) {
            for (const std::string& name : segment_by) {
                if (const auto column = header.find(name, "see input.segment_by")) {
                    segment_.push_back(*column);
                }
            }
        } else if (!side_by_side_) {
            if (const auto column = find(header, "segment", "")) {
                segment_.push_back(*column);
            }
        }
    }

    void find_covariates(const TableHeader& header, const std::vector<std::string>& covariates) {
        if (side_by_side_ && !covariates.empty()) {
            throw ConfigError(
                "fit.covariates: without a column customers, every column beside period is a segment, and none a "
                "covariate: give a row for every segment and period, with the columns segment and customers");
        }
        for (const std::string& name : covariates) {
            if (const auto column = header.find(name, "see fit.covariates")) {
                covariates_.push_back(*column);
            }
        }
    }

    /// What the segments have in column j: numbers where all of it are, else texts.
    [[nodiscard]] FeatureColumn covariate(std::size_t j) const {
        FeatureColumn column{covariates_[j].name, {}, {}, {}, {}, {}};
        const bool is_numeric = std::ranges::all_of(
            values_, [&](const auto& of) { return parse_number(of.second[j]).kind == CellKind::number; });
        for (const auto& [name, values] : values_) {
            if (is_numeric) {
                column.numbers.push_back(parse_number(values[j]).value);
                continue;
            }
            const auto known = std::ranges::find(column.categories, values[j]);
            column.codes.push_back(static_cast<std::uint32_t>(known - column.categories.begin()));
            if (known == column.categories.end()) {
                column.categories.push_back(values[j]);
            }
        }
        return column;
    }

    void check_row() override {
        if (period_) {
            add_survivors();
        } else {
            add_history();
        }
    }

    /// A whole number from 0 to `most`; nothing, with its fault, where the cell is none.
    std::optional<std::uint64_t> count(const TableColumn& column, double most) {
        const std::optional<double> value = number(column);
        if (!value) {
            return std::nullopt;
        }
        if (*value < 0.0) {
            add_fault(FaultKind::negative, column, "is negative", "give a number of at least 0");
        } else if (*value != std::floor(*value) || *value > most) {
            add_fault(FaultKind::out_of_range, column, fmt::format("is no whole number up to {:.0f}", most),
                      "count customers and periods, not shares of them");
        } else {
            return static_cast<std::uint64_t>(*value);
        }
        return std::nullopt;
    }

    [[nodiscard]] std::string segment_of_row() const {
        std::string segment;
        for (const TableColumn& column : segment_) {
            segment += (segment.empty() ? "" : " | ") + std::string(trimmed(row_[column.index]));
        }
        return segment_.empty() ? "all" : segment;
    }

    /// The segment of a row with its covariates, which rows of survivors of one share and others are told apart by;
    /// nothing, with its fault, where they do not fit.
    std::optional<std::string> group_of_row() {
        std::string segment = segment_of_row();
        if (covariates_.empty()) {
            return segment;
        }
        std::vector<std::string> values;
        for (const TableColumn& column : covariates_) {
            values.emplace_back(trimmed(row_[column.index]));
            if (values.back().empty()) {
                add_fault(FaultKind::blank_value, column, "is blank", "a covariate has a value in every row");
                return std::nullopt;
            }
        }
        if (segment_.empty()) {
            segment = fmt::format("{}", fmt::join(values, " | "));
        } else if (!period_) {
            segment = fmt::format("{} | {}", segment, fmt::join(values, " | "));
        }
        const auto [known, is_new] = values_.try_emplace(segment, values);
        for (std::size_t j = 0; j < values.size(); ++j) {
            if (known->second[j] != values[j]) {
                add_fault(FaultKind::out_of_range, covariates_[j],
                          fmt::format("is {} in an earlier row of {}", known->second[j], segment),
                          "a covariate is the same in all rows of a segment: make segments of those who differ, or "
                          "leave it out of fit.covariates");
                return std::nullopt;
            }
        }
        return segment;
    }

    void add_survivors() {
        const auto period = count(*period_, most_periods);
        const std::string cohort = cohort_ ? std::string(trimmed(row_[cohort_->index])) : std::string();
        const std::optional<std::string> group = side_by_side_ ? std::string() : group_of_row();
        if (!group) {
            return;
        }
        for (const TableColumn& column : customers_) {
            const std::string segment = side_by_side_ ? column.name : *group;
            // a cohort that is younger than others ends in blanks
            const bool over = side_by_side_ && trimmed(row_[column.index]).empty();
            const auto customers = over ? std::nullopt : count(column, most_customers);
            if (!period || !customers) {
                continue;
            }
            Series& series = series_[{segment, cohort}];
            if (*period != series.periods) {
                add_fault(FaultKind::out_of_range, *period_,
                          series.periods == 0
                              ? fmt::format("is the first period of {}", described(segment, cohort))
                              : fmt::format("follows period {} of {}", series.periods - 1, described(segment, cohort)),
                          fmt::format("give periods in order from 0, with all customers: here {}", series.periods));
                continue;
            }
            if (*period > 0 && *customers > series.customers) {
                add_fault(FaultKind::increasing_survival, column,
                          fmt::format("is more than {} in the period before", series.customers),
                          "customers who left do not come back: new ones are a cohort of their own");
                continue;
            }
            RenewalCounts& counts = segments_[segment];
            if (*period > 0) {
                add(counts, *period, series.customers, series.customers - *customers);
            }
            series = {*period + 1, *customers};
        }
    }

    void add_history() {
        const auto recency = count(*recency_, most_periods);
        const auto age = count(*age_, most_periods);
        const auto weight = weight_ ? count(*weight_, most_customers) : std::optional<std::uint64_t>(1);
        if (!recency || !age || !weight) {
            return;
        }
        if (*recency > *age || *recency == 0) {
            add_fault(FaultKind::out_of_range, *recency_, *recency == 0 ? "is 0" : "is more than T",
                      "give the number of periods that were paid, from 1 to T");
            return;
        }
        const std::optional<std::string> group = group_of_row();
        if (!group) {
            return;
        }
        RenewalCounts& counts = segments_[*group];
        const bool left = *recency < *age;
        for (std::uint64_t period = 1; period < *recency + (left ? 1 : 0); ++period) {
            add(counts, period, *weight, left && period == *recency ? *weight : 0);
        }
    }

    static void add(RenewalCounts& counts, std::uint64_t period, std::uint64_t at_risk, std::uint64_t churned) {
        if (counts.at_risk.size() < period) {
            counts.at_risk.resize(period, 0.0);
            counts.churned.resize(period, 0);
        }
        counts.at_risk[period - 1] += static_cast<double>(at_risk);
        counts.churned[period - 1] += churned;
    }

    static std::string described(const std::string& segment, const std::string& cohort) {
        return fmt::format("{}{}{}", segment, cohort.empty() ? "" : ", cohort ", cohort);
    }

    bool side_by_side_ = false;
    std::optional<TableColumn> period_, cohort_, recency_, age_, weight_;
    std::vector<TableColumn> customers_;
    std::vector<TableColumn> segment_;
    std::vector<TableColumn> covariates_;
    std::map<std::string, std::vector<std::string>> values_;  ///< of the covariates, by segment
    std::map<std::pair<std::string, std::string>, Series> series_;
    std::map<std::string, RenewalCounts> segments_;
};

}  // namespace

CohortsRead read_cohorts(CsvReader& reader, const std::map<std::string, std::string>& columns,
                         const std::vector<std::string>& segment_by, const RejectSink& reject,
                         const std::vector<std::string>& covariates) {
    CohortsRead read;
    if (!begin_table(reader, "give a header and rows", read.report)) {
        return read;
    }
    CohortRows rows(reader, TableHeader(reader, columns, read.report), segment_by, covariates, read.report, reject);
    if (rows.read_all()) {
        std::move(rows).finish(read);
    }
    return read;
}

}  // namespace clv
