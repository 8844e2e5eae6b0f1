#pragma once
// report.html, which the Python package draws.

#include <filesystem>
#include <string>

namespace clv {

/// The interpreter that CLV_PYTHON names, or python3: its whole path, PATH's entries that are none left out; only the
/// name where it is nowhere.
[[nodiscard]] std::string python_interpreter();

/// What keeps that interpreter from drawing the page, and what to do about it: "PATH does not have it: install it";
/// empty: nothing, it has the package clvsim.
[[nodiscard]] std::string obstacle_to_page(const std::string& interpreter);

/// Draws the results in `dir` as `file`. What the package says goes to stderr; false: it failed. Throws OutputError if
/// the file could not be written; Interrupted.
[[nodiscard]] bool write_report_page(const std::string& interpreter, const std::filesystem::path& dir,
                                     const std::filesystem::path& file);

}  // namespace clv
