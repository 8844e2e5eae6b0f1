#include "clv/data/tables/parse_number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>

namespace clv {
namespace {

bool same_word(std::string_view text, std::string_view lower_case_word) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(text, lower_case_word, {}, lower);
}

/// Blanks beyond ASCII: no-break, fixed and zero-width spaces, and a byte order mark that strayed into a cell.
constexpr std::array<std::string_view, 19> wide_blanks{
    "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84",
    "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\x8B",
    "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80", "\xEF\xBB\xBF", "\xC2\x85"};

constexpr bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Bytes of the blank at an end of the text, whose character there is `c`; 0 if there is none.
template <class Fits>
std::size_t blank_bytes(char c, const Fits& fits) {
    if (static_cast<unsigned char>(c) < 0x80U) {
        return is_blank(c) ? 1 : 0;
    }
    const auto blank = std::ranges::find_if(wide_blanks, fits);
    return blank == wide_blanks.end() ? 0 : blank->size();
}

}  // namespace

std::string_view without_blanks(std::string_view text) noexcept {
    const auto at_front = [&](std::string_view blank) { return text.starts_with(blank); };
    const auto at_back = [&](std::string_view blank) { return text.ends_with(blank); };
    for (std::size_t bytes = 1; bytes > 0 && !text.empty();) {
        bytes = blank_bytes(text.front(), at_front);
        text.remove_prefix(bytes);
    }
    for (std::size_t bytes = 1; bytes > 0 && !text.empty();) {
        bytes = blank_bytes(text.back(), at_back);
        text.remove_suffix(bytes);
    }
    return text;
}

NumberCell parse_number(std::string_view cell) noexcept {
    std::string_view text = trimmed(cell);
    if (text.empty()) {
        return {CellKind::blank, 0.0};
    }
    if (text.front() == '+') {
        text.remove_prefix(1);
        if (text.empty() || text.front() == '-') {
            return {CellKind::text, 0.0};
        }
    }
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
        const std::string_view digits = text.substr(text.front() == '-' ? 1 : 0);
        const bool hexadecimal = digits.size() > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
        return {hexadecimal ? CellKind::hexadecimal : CellKind::text, 0.0};
    }
    if (error == std::errc::result_out_of_range) {
        return {CellKind::beyond_double, 0.0};
    }
    if (std::isnan(value)) {
        return {CellKind::not_a_number, 0.0};
    }
    if (std::isinf(value)) {
        return {CellKind::infinite, 0.0};
    }
    return {CellKind::number, value == 0.0 ? 0.0 : value};
}

int parse_yes_or_no(std::string_view cell) noexcept {
    const std::string_view text = trimmed(cell);
    if (same_word(text, "yes") || same_word(text, "true")) {
        return 1;
    }
    if (same_word(text, "no") || same_word(text, "false")) {
        return 0;
    }
    const NumberCell number = parse_number(text);
    if (number.kind == CellKind::number && (number.value == 0.0 || number.value == 1.0)) {
        return static_cast<int>(number.value);
    }
    return -1;
}

}  // namespace clv
