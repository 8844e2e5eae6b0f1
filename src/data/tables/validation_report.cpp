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
    structural = std::move(fault);
}

namespace {

/// Counts by kind and the first faults with their remedies.
std::string description(const ValidationReport& report) {
    constexpr std::size_t max_faults_shown = 20;
    std::string message;
    auto out = std::back_inserter(message);
    fmt::format_to(out, "{}: {} fault(s) in {} of {} rows{}:", report.file, report.fault_count(), report.rows_rejected,
                   report.rows_read, report.rows_accepted == 0 ? ", no row is left" : "");
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

void require_accepted(const ValidationReport& report, OnFault on_fault) {
    throw_if_structural(report);
    const bool nothing_left = report.rows_accepted == 0;
    if (report.rows_rejected == 0 || (on_fault == OnFault::reject_rows && !nothing_left)) {
        return;
    }
    std::string message = description(report) + "\n`clv validate` lists them all";
    if (on_fault == OnFault::refuse && !nothing_left) {
        message += "; input.on_fault = \"reject_rows\" skips these rows";
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
