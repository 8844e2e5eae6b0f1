#pragma once
// report.html, which the Python package draws.

#include <filesystem>
#include <string>

namespace clv {

/// The interpreter that CLV_PYTHON names, or python3.
[[nodiscard]] std::string python_interpreter();

/// Whether that interpreter is there and has the package clvsim.
[[nodiscard]] bool has_report_package(const std::string& interpreter);

/// Draws the results in `dir` as `file`. What the package says goes to stderr. Throws OutputError if it fails.
void write_report_page(const std::string& interpreter, const std::filesystem::path& dir,
                       const std::filesystem::path& file);

}  // namespace clv
