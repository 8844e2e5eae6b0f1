#include "clv/data/readers/segment_curves_reader.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <utility>

#include "clv/core/errors.hpp"
#include "row_reader.hpp"

namespace clv {
namespace {

bool is_curves_header(const CsvReader& header) {
    bool is_sound = header.size() >= 2 && trimmed(header[0]) == "segment";
    for (std::size_t month = 1; is_sound && month < header.size(); ++month) {
        is_sound = trimmed(header[month]) == fmt::format("survival_{}", month);
    }
    return is_sound;
}

class CurveRows final : public RowReader<CsvRows> {
  public:
    CurveRows(CsvReader& reader, ValidationReport& report) : RowReader(CsvRows(reader), reader.size(), report, {}) {}

    [[nodiscard]] std::map<std::string, std::vector<double>> finish() && { return std::move(curves_); }

  private:
    void check_row() override {
        std::vector<double> curve;
        for (std::size_t month = 1; month < fields_; ++month) {
            const NumberCell share = row_.number(month);
            if (share.kind != CellKind::number || share.value < 0.0 || share.value > 1.0) {
                add_fault(FaultKind::out_of_range, fmt::format("survival_{} is '{}'", month, shortened(row_[month])),
                          "give a number between 0 and 1");
                return;
            }
            if (share.value > (curve.empty() ? 1.0 : curve.back())) {
                add_fault(FaultKind::increasing_survival,
                          fmt::format("survival_{} is higher than the month before", month),
                          "survival cannot increase");
                return;
            }
            curve.push_back(share.value);
        }
        const std::string segment(trimmed(row_[0]));
        if (!curves_.emplace(segment, std::move(curve)).second) {
            add_fault(FaultKind::duplicate_id, fmt::format("segment '{}' has two curves", segment), "keep one");
        }
    }

    std::map<std::string, std::vector<double>> curves_;
};

}  // namespace

std::map<std::string, std::vector<double>> read_segment_curves(const std::filesystem::path& file) {
    CsvReader reader(file);
    const auto refusal = [&](std::uint64_t line, const std::string& problem, const std::string& remedy) {
        return InputError(fmt::format("{} ({}, line {}): {}", problem, file.string(), line, remedy));
    };
    ValidationReport report;
    const bool has_header = begin_table(reader, "give one row per segment", report);
    if (has_header && !is_curves_header(reader)) {
        throw refusal(reader.line(), "the header is not that of survival curves",
                      "name the columns segment, survival_1, survival_2, ..");
    }
    CurveRows rows(reader, report);
    const bool has_rows = has_header && rows.read_all();
    if (!report.faults.empty()) {  // the first is told, wherever it stands
        const Fault& fault = report.faults.front();
        throw refusal(fault.line, fault.problem,
                      fault.kind == FaultKind::wrong_field_count ? "complete the row" : fault.remedy);
    }
    if (has_rows) {
        return std::move(rows).finish();
    }
    if (const FaultKind kind = report.structural->kind;
        kind == FaultKind::empty_file || kind == FaultKind::header_only) {
        throw InputError(fmt::format("there are no survival curves ({}): give one row per segment", file.string()));
    }
    throw InputError(fmt::format("{}: {}", file.string(), to_string(*report.structural)));
}

}  // namespace clv
