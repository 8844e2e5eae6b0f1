#pragma once
// report.xlsx: a folder of results as a workbook for finance.

#include <filesystem>
#include <span>
#include <string>

#include "clv/output/documents/run_record.hpp"

namespace clv {

/// A setting that the results rest on, as the workbook shows it.
struct Assumption {
    std::string key;
    std::string value;
    std::string meaning;
};

/// Writes `file` from the files in `dir` that `run`, its run.json, lists: the sheet Summary; Customers (clv.csv), Plan,
/// Frontier, Scenarios (sweep.csv), Scenario plans and Portfolio where there is such a file; Assumptions; and Columns,
/// which says what the columns of the other sheets mean. Money, shares and counts have formats, headers stay in sight
/// and can filter, and totals of the plan are formulas over its sheet. A table larger than a sheet can be (1,048,576
/// rows, 16,384 columns) ends there, and Summary says so; a text longer than a cell can be (32,767 characters) ends
/// with an ellipsis. The same results give the same bytes. Throws InputError if there is nothing to show or a file
/// cannot be read; OutputError; Interrupted.
void write_workbook(const std::filesystem::path& dir, const RunRecord& run, std::span<const Assumption> assumptions,
                    const std::filesystem::path& file);

}  // namespace clv
