#include "table_faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace clv {

Fault cell_fault(FaultKind kind, std::string problem, std::string remedy) {
    return {kind, 0, 0, {}, {}, {}, std::move(problem), std::move(remedy)};
}

std::optional<Fault> number_fault(CellKind kind) {
    switch (kind) {
        case CellKind::number:
            return std::nullopt;
        case CellKind::blank:
            return cell_fault(FaultKind::blank_value, "is blank", "give a number");
        case CellKind::hexadecimal:
            return cell_fault(FaultKind::hexadecimal, "is a hexadecimal number", "write it in decimal");
        case CellKind::not_a_number:
            return cell_fault(FaultKind::not_a_number, "is not a number", "give a finite number");
        case CellKind::infinite:
            return cell_fault(FaultKind::infinite, "is infinite", "give a finite number");
        case CellKind::beyond_double:
            return cell_fault(FaultKind::out_of_range, "is beyond double precision", "give a number of sensible size");
        case CellKind::text:
            break;
    }
    return cell_fault(FaultKind::text_in_number, "is text in a number",
                      "write a plain number such as 1234.5, without currency signs or thousands separators");
}

Fault field_count_fault(std::uint64_t line, std::size_t fields, std::size_t fields_of_header, std::string decimals) {
    const bool is_split = fields > fields_of_header && !decimals.empty();
    Fault fault = cell_fault(
        FaultKind::wrong_field_count,
        fmt::format("{}{} fields where the header has {}",
                    is_split ? "looks like a number with a decimal comma, in a row of " : "", fields, fields_of_header),
        is_split ? "write numbers with a decimal point"
                 : "quote fields that hold commas, and give every column a field");
    fault.line = line;
    fault.value = is_split ? std::move(decimals) : std::string();
    return fault;
}

bool are_halves_of_number(std::string_view whole, std::string_view decimals) {
    constexpr std::size_t most_decimals = 3;
    const auto are_digits = [](std::string_view text) {
        return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    };
    whole = trimmed(whole);
    decimals = trimmed(decimals);
    return are_digits(whole.substr(whole.starts_with('-') ? 1 : 0)) && are_digits(decimals) &&
           decimals.size() <= most_decimals;
}

void RowFaults::add(Fault fault) {
    reason_ += reason_.empty() ? "" : "; ";
    reason_ += name(fault.kind);
    if (fault.column_number != 0) {
        reason_ += fmt::format(" ({})", fault.column);
    }
    report_.add(std::move(fault));
}

}  // namespace clv
