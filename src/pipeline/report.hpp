#pragma once
// report.xlsx, and report.html, which the Python package draws.

#include <filesystem>
#include <string>
#include <vector>

#include "clv/output/documents/run_record.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/report_page.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv {

/// What it means that the package fails to draw the page.
enum class PageFailure { is_an_error, is_a_warning };

/// Adds both, of the results in the set's folder whose run.json is `run`, to the set and commits it; report.xlsx alone
/// if `interpreter` is empty. Throws as write_report_page() and OutputSet.
void add_reports(RunRecord run, const std::string& interpreter, PageFailure failure, OutputSet& outputs,
                 Terminal& terminal);

}  // namespace clv
