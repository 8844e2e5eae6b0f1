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
#include "clv/data/tables/parse_number.hpp"
#include "table_faults.hpp"

namespace clv {
namespace {

constexpr std::array<std::string_view, 7> column_names{"period",  "customers", "cohort", "segment",
                                                       "recency", "T",         "weight"};
constexpr double most_counted = 9.0e15;  // whole numbers that a double holds
constexpr double most_periods = 12'000.0;

/// Survivors of one cohort so far.
struct Series {
    std::uint64_t periods = 0;
    std::uint64_t customers = 0;
};

class CohortBuilder {
  public:
    CohortBuilder(CsvReader& reader, const std::map<std::string, std::string>& columns,
                  const std::vector<std::string>& segment_by, ValidationReport& report)
        : row_(reader), columns_(columns), report_(report), fields_(reader.size()) {
        for (const auto& [ours, in_file] : columns) {
            if (std::ranges::find(column_names, ours) == column_names.end()) {
                throw ConfigError(fmt::format("input.columns.{}: no such column of a cohort table: use one of {}", ours,
                                              fmt::join(column_names, ", ")));
            }
        }
        period_ = find("period", "");
        if (period_) {
            find_survivors();
        } else {
            const std::string_view remedy =
                "give period and customers, or recency and T of every customer, and name the file's columns in "
                "input.columns.period and so on";
            recency_ = find("recency", remedy);
            age_ = find("T", remedy);
            weight_ = find("weight", "");
        }
        find_segments(segment_by);
    }

    void add_row(const RejectSink& reject) {
        ++report_.rows_read;
        reason_.clear();
        if (row_.size() != fields_) {
            refuse_row(FaultKind::wrong_field_count,
                       fmt::format("{} fields where the header has {}", row_.size(), fields_),
                       "quote fields that hold commas, and give every column a field");
        } else if (period_) {
            add_survivors();
        } else {
            add_history();
        }
        if (reason_.empty()) {
            ++report_.rows_accepted;
            return;
        }
        ++report_.rows_rejected;
        if (reject) {
            reject({row_.line(), row_.row_text(), reason_});
        }
    }

    void finish(CohortsRead& read) && {
        for (auto& [name, counts] : segments_) {
            counts.segment = name;
            while (!counts.at_risk.empty() && counts.at_risk.back() == 0) {
                counts.at_risk.pop_back();
                counts.churned.pop_back();
            }
            read.segments.push_back(std::move(counts));
        }
        std::string text;
        for (const RenewalCounts& counts : read.segments) {
            text += fmt::format("{}:{} {} {};", counts.segment.size(), counts.segment, fmt::join(counts.at_risk, ","),
                                fmt::join(counts.churned, ","));
        }
        const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
        read.content_hash = {hash.low64, hash.high64};
    }

  private:
    [[nodiscard]] std::string name_in_file(const std::string& ours) const {
        const auto mapped = columns_.find(ours);
        return mapped == columns_.end() ? ours : mapped->second;
    }

    std::optional<FileColumn> find(const std::string& ours, std::string_view remedy) {
        return find_named(name_in_file(ours), columns_.contains(ours) ? "see input.columns." + ours : remedy);
    }

    std::optional<FileColumn> find_named(const std::string& name, std::string_view remedy) {
        const auto found = find_column(row_, {&name, 1}, remedy, report_);
        return found ? std::optional<FileColumn>({*found, name}) : std::nullopt;
    }

    void find_survivors() {
        cohort_ = find("cohort", "");
        if (const auto customers = find("customers", "")) {
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

    void find_segments(const std::vector<std::string>& segment_by) {
        if (side_by_side_ && !segment_by.empty()) {
            throw ConfigError(
                "input.segment_by: without a column customers, every column beside period is a segment: leave "
                "segment_by out, or name the column in input.columns.customers");
        }
        if (!segment_by.empty()) {
            for (const std::string& name : segment_by) {
                if (const auto field = find_named(name_in_file(name), "see input.segment_by")) {
                    segment_.push_back(*field);
                }
            }
        } else if (!side_by_side_) {
            if (const auto field = find("segment", "")) {
                segment_.push_back(*field);
            }
        }
    }

    void refuse_row(FaultKind kind, std::string problem, std::string remedy) {
        reason_ += fmt::format("{}{}", reason_.empty() ? "" : "; ", name(kind));
        report_.add({kind, row_.line(), 0, {}, {}, {}, std::move(problem), std::move(remedy)});
    }

    void refuse_cell(const FileColumn& field, FaultKind kind, std::string problem, std::string remedy) {
        reason_ += fmt::format("{}{} ({})", reason_.empty() ? "" : "; ", name(kind), field.name);
        report_.add({kind,
                     row_.line(field.index),
                     field.index + 1,
                     field.name,
                     {},
                     shortened(row_[field.index]),
                     std::move(problem),
                     std::move(remedy)});
    }

    /// A whole number from 0 to `most`; nothing, with its fault, where the cell is none.
    std::optional<std::uint64_t> count(const FileColumn& field, double most) {
        const NumberCell cell = parse_number(row_[field.index]);
        if (const auto fault = number_fault(cell.kind)) {
            refuse_cell(field, fault->kind, fault->problem, fault->remedy);
        } else if (cell.value < 0.0) {
            refuse_cell(field, FaultKind::negative, "is negative", "give a number of at least 0");
        } else if (cell.value != std::floor(cell.value) || cell.value > most) {
            refuse_cell(field, FaultKind::out_of_range, fmt::format("is no whole number up to {:.0f}", most),
                        "count customers and periods, not shares of them");
        } else {
            return static_cast<std::uint64_t>(cell.value);
        }
        return std::nullopt;
    }

    [[nodiscard]] std::string segment_of_row() const {
        std::string segment;
        for (const FileColumn& field : segment_) {
            segment += (segment.empty() ? "" : " | ") + std::string(trimmed(row_[field.index]));
        }
        return segment_.empty() ? "all" : segment;
    }

    void add_survivors() {
        const auto period = count(*period_, most_periods);
        const std::string cohort = cohort_ ? std::string(trimmed(row_[cohort_->index])) : std::string();
        for (const FileColumn& field : customers_) {
            const std::string segment = side_by_side_ ? field.name : segment_of_row();
            // a cohort that is younger than others ends in blanks
            const bool over = side_by_side_ && trimmed(row_[field.index]).empty();
            const auto customers = over ? std::nullopt : count(field, most_counted);
            if (!period || !customers) {
                continue;
            }
            Series& series = series_[{segment, cohort}];
            if (*period != series.periods) {
                refuse_cell(*period_, FaultKind::out_of_range,
                            series.periods == 0 ? fmt::format("is the first period of {}", described(segment, cohort))
                                                : fmt::format("follows period {} of {}", series.periods - 1,
                                                              described(segment, cohort)),
                            fmt::format("give periods in order from 0, with all customers: here {}", series.periods));
                continue;
            }
            if (*period > 0 && *customers > series.customers) {
                refuse_cell(field, FaultKind::increasing_survival,
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
        const auto weight = weight_ ? count(*weight_, most_counted) : std::optional<std::uint64_t>(1);
        if (!recency || !age || !weight) {
            return;
        }
        if (*recency > *age || *recency == 0) {
            refuse_cell(*recency_, FaultKind::out_of_range, *recency == 0 ? "is 0" : "is more than T",
                        "give the number of periods that were paid, from 1 to T");
            return;
        }
        RenewalCounts& counts = segments_[segment_of_row()];
        const bool left = *recency < *age;
        for (std::uint64_t period = 1; period < *recency + (left ? 1 : 0); ++period) {
            add(counts, period, *weight, left && period == *recency ? *weight : 0);
        }
    }

    static void add(RenewalCounts& counts, std::uint64_t period, std::uint64_t at_risk, std::uint64_t churned) {
        if (counts.at_risk.size() < period) {
            counts.at_risk.resize(period, 0);
            counts.churned.resize(period, 0);
        }
        counts.at_risk[period - 1] += at_risk;
        counts.churned[period - 1] += churned;
    }

    static std::string described(const std::string& segment, const std::string& cohort) {
        return fmt::format("{}{}{}", segment, cohort.empty() ? "" : ", cohort ", cohort);
    }

    CsvReader& row_;
    const std::map<std::string, std::string>& columns_;
    ValidationReport& report_;
    std::size_t fields_;
    bool side_by_side_ = false;
    std::optional<FileColumn> period_, cohort_, recency_, age_, weight_;
    std::vector<FileColumn> customers_;
    std::vector<FileColumn> segment_;
    std::string reason_;
    std::map<std::pair<std::string, std::string>, Series> series_;
    std::map<std::string, RenewalCounts> segments_;
};

}  // namespace

CohortsRead read_cohorts(CsvReader& reader, const std::map<std::string, std::string>& columns,
                         const std::vector<std::string>& segment_by, const RejectSink& reject) {
    CohortsRead read;
    read.report.file = reader.name();
    read.report.in_memory = reader.in_memory();
    if (!read_first_row(reader, "give a header and rows", read.report)) {
        return read;
    }
    CohortBuilder builder(reader, columns, segment_by, read.report);
    if (read.report.structural) {
        return read;
    }
    if (for_each_row(reader, read.report, [&] { builder.add_row(reject); })) {
        std::move(builder).finish(read);
    }
    return read;
}

}  // namespace clv
