#include "clv/data/tables/validation_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "clv/core/errors.hpp"

namespace clv {

std::uint64_t ValidationReport::fault_count() const noexcept {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void ValidationReport::add(Fault fault) {
    ++counts[static_cast<std::size_t>(fault.kind)];
    if (keeps_more()) {
        fault.in_memory = in_memory;
        faults.push_back(std::move(fault));
    }
}

void ValidationReport::refuse(Fault fault) {
    ++counts[static_cast<std::size_t>(fault.kind)];
    fault.in_memory = in_memory;
    constexpr std::string_view separators = ";\t|";
    if (const std::size_t at = header_text.find_first_of(separators); fault.kind == FaultKind::missing_column &&
                                                                      at != std::string::npos &&
                                                                      header_text.find(',') == std::string::npos) {
        fault.remedy = fmt::format("fields seem to stand between {}, and not between commas: save the file with commas",
                                   header_text[at] == '\t' ? "tabs" : fmt::format("'{}'", header_text[at]));
    }
    structural = std::move(fault);
}

double ValidationReport::rejected_share() const noexcept {
    return rows_read == 0 ? 0.0 : static_cast<double>(rows_rejected) / static_cast<double>(rows_read);
}

namespace {

bool rejects_more_than(const ValidationReport& report, double max_rejected) {
    return static_cast<double>(report.rows_rejected) > max_rejected * static_cast<double>(report.rows_read);
}

/// The share and what would read these rows, in one line; then counts by kind and the first faults with their remedies.
std::string description(const ValidationReport& report, std::optional<double> max_rejected = {}) {
    constexpr std::size_t max_faults_shown = 20;
    std::string message;
    auto out = std::back_inserter(message);
    fmt::format_to(out, "{}: {} fault(s) in {} of {} rows ({:.3g}%){}{}{}:", report.file, report.fault_count(),
                   report.rows_rejected, report.rows_read, 100.0 * report.rejected_share(),
                   report.rows_accepted == 0 ? ", no row is left" : "",
                   max_rejected ? fmt::format(", more than input.max_rejected = {} allows", *max_rejected) : "",
                   report.hint.empty() ? "" : "; " + report.hint);
    for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
        if (report.counts[kind] > 0) {
            fmt::format_to(out, "\n  {}: {}", name(static_cast<FaultKind>(kind)), report.counts[kind]);
        }
    }
    const std::size_t shown = std::min(report.faults.size(), max_faults_shown);
    message += shown < report.fault_count() ? fmt::format("\nthe first {}:", shown) : "\nwhere:";
    for (std::size_t index = 0; index < shown; ++index) {
        fmt::format_to(out, "\n  {}", to_string(report.faults[index]));
    }
    return message;
}

void throw_if_structural(const ValidationReport& report) {
    if (report.structural) {
        throw InputError(fmt::format("{}: {}", report.file, to_string(*report.structural)));
    }
}

}  // namespace

void require_accepted(const ValidationReport& report, OnFault on_fault, double max_rejected) {
    throw_if_structural(report);
    const bool nothing_left = report.rows_accepted == 0;
    const bool too_many = rejects_more_than(report, max_rejected);
    if (report.rows_rejected == 0 || (on_fault == OnFault::reject_rows && !nothing_left && !too_many)) {
        return;
    }
    const bool names_share = too_many && !nothing_left && on_fault == OnFault::reject_rows;
    std::string message = description(report, names_share ? std::optional(max_rejected) : std::nullopt) +
                          "\n`clv validate` lists them all";
    if (names_share) {
        message += "; correct them, or let input.max_rejected say that so many may be left out";
    } else if (on_fault == OnFault::refuse && !nothing_left) {
        message += fmt::format("; input.on_fault = \"reject_rows\" skips these rows{}",
                               too_many ? ", if input.max_rejected allows so many" : "");
    }
    throw InputError(message);
}

void require_faultless(const ValidationReport& report) {
    throw_if_structural(report);
    if (report.rows_rejected > 0) {
        throw InputError(description(report));
    }
}

}  // namespace clv
