#pragma once
// Faults that every table of numbers may have.

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/tables/fault.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "clv/data/tables/validation_report.hpp"

namespace clv {

/// A column of a file: its place in a row and its name in the header.
struct FileColumn {
    std::size_t index = 0;
    std::string name;
};

/// A fault of a cell: kind, problem and remedy; its place is for whoever knows it.
[[nodiscard]] Fault cell_fault(FaultKind kind, std::string problem, std::string remedy);

/// Why a cell that should be one is no number; empty for a number.
[[nodiscard]] std::optional<Fault> number_fault(CellKind kind);

/// Moves to the first row and keeps it as the header's text. False, with the structural fault, where there is none.
[[nodiscard]] bool read_first_row(CsvReader& reader, std::string_view remedy, ValidationReport& report);

/// Calls `add_row`, which counts it in report.rows_read, at every further row. False, with the structural fault, where
/// reading stops or there is no row. Throws Interrupted.
[[nodiscard]] bool for_each_row(CsvReader& reader, ValidationReport& report, const std::function<void()>& add_row);

/// Where the header, at which `reader` stands, has a column of one of these names. A name that stands twice is a
/// structural fault, and so is a missing one if there is a remedy for it; the first such fault is kept.
[[nodiscard]] std::optional<std::size_t> find_column(const CsvReader& reader, std::span<const std::string> names,
                                                     std::string_view remedy_if_missing, ValidationReport& report);

}  // namespace clv
