#include "reading_hint.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "clv/data/tables/parse_number.hpp"

namespace clv {

namespace {

/// In the order of DateFormat.
constexpr std::array<std::string_view, date_formats.size()> format_names{"iso", "month_first", "day_first"};

template <class Holds>
std::uint64_t count(const ValidationReport& report, FaultKind kind, const Holds& holds) {
    return static_cast<std::uint64_t>(std::ranges::count_if(
        report.faults, [&](const Fault& fault) { return fault.kind == kind && holds(fault.value); }));
}

std::uint64_t count(const ValidationReport& report, FaultKind kind) {
    return count(report, kind, [](const std::string& /*value*/) { return true; });
}

/// Whether it is a number but for a decimal comma, and points between thousands perhaps.
bool has_decimal_comma(std::string text) {
    const std::size_t comma = text.find(',');
    if (comma == std::string::npos) {
        return false;
    }
    text[comma] = '.';
    text.erase(std::remove(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(comma), '.'),
               text.begin() + static_cast<std::ptrdiff_t>(comma));
    return parse_number(text).kind == CellKind::number;
}

std::uint64_t read_as(const ValidationReport& report, DateFormat format) {
    return count(report, FaultKind::invalid_date,
                 [&](const std::string& value) { return parse_date(value, format).has_value(); });
}

DateFormat best_format(const ValidationReport& report) {
    return *std::ranges::max_element(date_formats, {}, [&](DateFormat format) { return read_as(report, format); });
}

/// Accepted rows that `other` does not read.
std::uint64_t lost_with(const ValidationReport& report, DateFormat dates, DateFormat other) {
    return dates == DateFormat::iso || other == DateFormat::iso ? report.rows_accepted : report.days_of_one_order;
}

}  // namespace

std::string reading_hint(const ValidationReport& report, std::optional<DateFormat> dates) {
    std::vector<std::string> changes;
    std::uint64_t readable = 0;
    std::uint64_t lost = 0;
    const auto add = [&](std::uint64_t found, std::uint64_t of, std::string change) {
        if (found > 0 && 2 * found >= of) {
            changes.push_back(std::move(change));
            readable += found;
        }
        return found > 0 && 2 * found >= of;
    };
    if (dates) {
        const std::uint64_t invalid = count(report, FaultKind::invalid_date);
        const DateFormat format = best_format(report);
        if (add(read_as(report, format), invalid,
                fmt::format("input.date_format = \"{}\"", format_names[static_cast<std::size_t>(format)]))) {
            lost = lost_with(report, *dates, format);
        }
        add(count(report, FaultKind::invalid_date, [](const std::string& value) { return names_a_zone(value); }),
            invalid, "days that end without the name of a zone");
    }
    const std::uint64_t split =
        count(report, FaultKind::wrong_field_count, [](const std::string& value) { return !value.empty(); });
    add(split + count(report, FaultKind::text_in_number, has_decimal_comma),
        split + count(report, FaultKind::text_in_number), "numbers that have a decimal point, not a comma,");
    if (changes.empty()) {
        return {};
    }
    const bool is_all = readable == report.faults.size();
    const std::string what = !is_all                            ? fmt::format("{} of them", readable)
                             : readable == report.fault_count() ? std::string("all of them")
                                                                : fmt::format("all of the first {}", readable);
    return fmt::format("with {} {} would be read{}", fmt::join(changes, " and "), what,
                       lost == 0 ? "" : fmt::format(", but not {} that are read now", lost));
}

std::string order_warning(const ValidationReport& report, DateFormat dates) {
    const std::uint64_t invalid = count(report, FaultKind::invalid_date);
    if (dates == DateFormat::iso || invalid == 0 || report.days_of_one_order > 0) {
        return {};
    }
    const DateFormat other = dates == DateFormat::day_first ? DateFormat::month_first : DateFormat::day_first;
    if (read_as(report, other) < invalid) {
        return {};
    }
    return fmt::format(
        "input.date_format = \"{}\" reads every date of the file, \"{}\" does not, and no date speaks for the latter: "
        "the others are probably misdated",
        format_names[static_cast<std::size_t>(other)], format_names[static_cast<std::size_t>(dates)]);
}

}  // namespace clv
