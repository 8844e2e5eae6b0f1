#include "table_faults.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "clv/core/progress.hpp"

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

bool read_first_row(CsvReader& reader, std::string_view remedy, ValidationReport& report) {
    if (!reader.next()) {
        report.refuse(reader.fault() ? *reader.fault()
                                     : cell_fault(FaultKind::empty_file, "the file is empty", std::string(remedy)));
        return false;
    }
    report.header_text = reader.row_text();
    return true;
}

bool for_each_row(CsvReader& reader, ValidationReport& report, const std::function<void()>& add_row) {
    while (reader.next()) {
        add_row();
        if (report.rows_read % 4'096 == 0) {
            throw_if_interrupted();
        }
    }
    if (reader.fault()) {
        report.refuse(*reader.fault());
        return false;
    }
    if (report.rows_read == 0) {
        report.refuse({FaultKind::header_only, 0, 0, {}, {}, {}, "only a header", "give rows"});
        return false;
    }
    return true;
}

std::optional<std::size_t> find_column(const CsvReader& reader, std::span<const std::string> names,
                                       std::string_view remedy_if_missing, ValidationReport& report) {
    const auto refuse = [&](FaultKind kind, std::uint64_t line, std::size_t column_number, std::string name,
                            std::string problem, std::string remedy) {
        if (!report.structural) {
            report.refuse({kind, line, column_number, std::move(name), {}, {}, std::move(problem), std::move(remedy)});
        }
    };
    std::optional<std::size_t> found;
    for (std::size_t index = 0; index < reader.size(); ++index) {
        const std::string_view name = trimmed(reader[index]);
        if (std::ranges::find(names, name) == names.end()) {
            continue;
        }
        if (found) {
            refuse(FaultKind::duplicate_column, reader.line(index), index + 1, std::string(name),
                   "the header names this column twice", "rename one of the two");
        }
        found = index;
    }
    if (!found && !remedy_if_missing.empty()) {
        refuse(FaultKind::missing_column, reader.line(), 0, names.front(),
               fmt::format("no column '{}'", fmt::join(names, "' or '")), std::string(remedy_if_missing));
    }
    return found;
}

}  // namespace clv
