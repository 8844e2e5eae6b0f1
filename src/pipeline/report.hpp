#pragma once
// report.xlsx, and report.html, which the Python package draws.

#include <filesystem>
#include <string>

#include "clv/output/documents/run_record.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv {

/// The interpreter that CLV_PYTHON names, or python3: its whole path, PATH's entries that are none left out; only the
/// name where it is nowhere.
[[nodiscard]] std::string python_interpreter();

/// Whether that interpreter is there and has the package clvsim.
[[nodiscard]] bool has_report_package(const std::string& interpreter);

/// Draws the results in `dir` as `file`. What the package says goes to stderr. Throws OutputError if it fails;
/// Interrupted.
void write_report_page(const std::string& interpreter, const std::filesystem::path& dir,
                       const std::filesystem::path& file);

/// Both of the results in `results_dir`, just published with `run` as their run.json, as files of that set; report.xlsx
/// alone if `interpreter` is empty. The results stand whatever becomes of the reports: where they cannot be made, that
/// is a warning, and an interruption says what stands.
void write_report(const std::string& results_dir, RunRecord run, const std::string& interpreter, Terminal& terminal);

}  // namespace clv
