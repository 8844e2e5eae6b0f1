#include "clv/data/tables/fault.hpp"

#include <fmt/format.h>

#include <array>

#include "clv/data/tables/memory_table.hpp"

namespace clv {
namespace {

constexpr std::array<std::string_view, fault_kinds> names{
    "unterminated_quote",  "text_after_quote", "nul_byte",     "invalid_utf8",     "field_too_long",
    "row_too_long",        "empty_file",       "header_only",  "missing_column",   "duplicate_column",
    "wrong_field_count",   "blank_id",         "duplicate_id", "blank_value",      "text_in_number",
    "hexadecimal",         "not_a_number",     "infinite",     "negative",         "out_of_range",
    "increasing_survival", "not_yes_or_no",    "invalid_date", "duplicate_action", "two_segments",
    "unknown_action",      "far_date"};

}  // namespace

std::string_view name(FaultKind kind) noexcept {
    return names[static_cast<std::size_t>(kind)];
}

std::string line_text(std::uint64_t line, bool in_memory) {
    return in_memory ? fmt::format("row {}", line - first_line_in_memory) : fmt::format("line {}", line);
}

std::string to_string(const Fault& fault) {
    std::string where;
    const auto add = [&](const std::string& part) { where += (where.empty() ? "" : ", ") + part; };
    const bool is_row = fault.in_memory && fault.line >= first_line_in_memory;
    if (fault.line != 0 && (is_row || !fault.in_memory)) {
        add(line_text(fault.line, fault.in_memory));
    }
    if (fault.column_number != 0) {
        add(fault.column.empty() ? fmt::format("column {}", fault.column_number)
                                 : fmt::format("column {} ({})", fault.column_number, shortened(fault.column)));
    }
    if (!fault.customer_id.empty()) {
        add(fmt::format("customer {}", fault.customer_id));
    }
    const std::string value = fault.value.empty() ? "" : fmt::format("'{}' ", fault.value);
    return fmt::format("{}{}{}{}: {}", where, where.empty() ? "" : ": ", value, fault.problem, fault.remedy);
}

std::string shortened(std::string_view text, std::size_t max_bytes) {
    std::size_t size = text.size();
    if (size > max_bytes) {
        size = max_bytes;
        while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
            --size;
        }
    }
    std::string line(text.substr(0, size));
    for (char& c : line) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            c = ' ';
        }
    }
    return size < text.size() ? line + ".." : line;
}

}  // namespace clv
