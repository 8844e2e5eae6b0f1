#pragma once
// report.xlsx, and report.html, which the Python package draws.

#include <filesystem>
#include <string>

#include "clv/output/documents/run_record.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv {

/// The interpreter that CLV_PYTHON names, or python3.
[[nodiscard]] std::string python_interpreter();

/// Whether that interpreter is there and has the package clvsim.
[[nodiscard]] bool has_report_package(const std::string& interpreter);

/// Draws the results in `dir` as `file`. What the package says goes to stderr. Throws OutputError if it fails.
void write_report_page(const std::string& interpreter, const std::filesystem::path& dir,
                       const std::filesystem::path& file);

/// Both of the results in `results_dir`, whose run.json is `run`, as files of that set; report.xlsx alone if
/// `interpreter` is empty. Throws as they do.
void write_report(const std::string& results_dir, RunRecord run, const std::string& interpreter, Terminal& terminal);

}  // namespace clv
