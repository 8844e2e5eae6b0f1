#include "table_header.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "clv/core/errors.hpp"
#include "table_faults.hpp"

namespace clv {

bool read_first_row(CsvReader& reader, std::string_view remedy, ValidationReport& report) {
    if (!reader.next()) {
        report.refuse(reader.fault() ? *reader.fault()
                                     : cell_fault(FaultKind::empty_file, "the file is empty", std::string(remedy)));
        return false;
    }
    report.header_text = reader.row_text();
    return true;
}

bool begin_table(CsvReader& reader, std::string_view remedy, ValidationReport& report) {
    report.file = reader.name();
    report.in_memory = reader.in_memory();
    return read_first_row(reader, remedy, report);
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

void TableHeader::require_known(std::span<const std::string_view> ours, std::string_view table) const {
    for (const auto& [column, in_file] : columns_) {
        if (std::ranges::find(ours, column) == ours.end()) {
            throw ConfigError(fmt::format("input.columns.{}: no such column of {}: use one of {}", column, table,
                                          fmt::join(ours, ", ")));
        }
    }
}

std::string TableHeader::name_in_file(const std::string& ours) const {
    const auto mapped = columns_.find(ours);
    return mapped == columns_.end() ? ours : mapped->second;
}

std::optional<TableColumn> TableHeader::find_named(const std::string& name, std::string_view remedy_if_missing) const {
    const auto found = find_column(reader_, {&name, 1}, remedy_if_missing, report_);
    return found ? std::optional<TableColumn>({*found, name}) : std::nullopt;
}

std::optional<TableColumn> TableHeader::find(const std::string& ours, std::string_view remedy_if_missing) const {
    return find_named(name_in_file(ours), remedy_if_missing);
}

TableColumn TableHeader::require(const std::string& ours, std::string_view remedy) const {
    return find(ours, remedy).value_or(TableColumn{0, name_in_file(ours)});
}

}  // namespace clv
