#include "clv/data/tables/parse_number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

namespace clv {
namespace {

bool same_word(std::string_view text, std::string_view lower_case_word) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(text, lower_case_word, {}, lower);
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
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
