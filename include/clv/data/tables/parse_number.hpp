#pragma once
// Numbers as they stand in the cells of a table.

#include <cstdint>
#include <string_view>

namespace clv {

enum class CellKind : std::uint8_t { number, blank, text, hexadecimal, not_a_number, infinite, beyond_double };

struct NumberCell {
    CellKind kind = CellKind::blank;
    double value = 0.0;  ///< finite and never -0; 0 unless kind is number
};

/// trimmed() of any text.
[[nodiscard]] std::string_view without_blanks(std::string_view text) noexcept;

/// `text` without the blanks around it: spaces of any kind (no-break ones too), tabs and line ends. They belong to no
/// cell and no id, in whatever input these stand; blanks within do, byte by byte.
[[nodiscard]] inline std::string_view trimmed(std::string_view text) noexcept {
    const auto is_visible = [](char c) { return c > ' ' && c <= '~'; };  // as most cells begin and end
    return !text.empty() && is_visible(text.front()) && is_visible(text.back()) ? text : without_blanks(text);
}

/// The whole cell must be one decimal number; blanks around it and a leading + are allowed. Independent of locales.
[[nodiscard]] NumberCell parse_number(std::string_view cell) noexcept;

/// 1 for 1, yes, true; 0 for 0, no, false (any case); -1 for anything else.
[[nodiscard]] int parse_yes_or_no(std::string_view cell) noexcept;

}  // namespace clv
