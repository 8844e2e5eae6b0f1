#pragma once
// Texts that a spreadsheet runs as formulas when it opens a CSV file, and the apostrophe that keeps it from that.

#include <string_view>

namespace clv {

inline constexpr char formula_mark = '\'';

[[nodiscard]] constexpr bool is_formula(std::string_view text) noexcept {
    return !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
}

/// A formula, or one behind marks: it gets one more, so that different texts stay different.
[[nodiscard]] constexpr bool is_marked_on_request(std::string_view text) noexcept {
    while (text.starts_with(formula_mark)) {
        text.remove_prefix(1);
    }
    return is_formula(text);
}

/// The text as it was before it was marked, if it has a mark.
[[nodiscard]] constexpr std::string_view without_formula_mark(std::string_view text) noexcept {
    return text.starts_with(formula_mark) && is_marked_on_request(text) ? text.substr(1) : text;
}

}  // namespace clv
