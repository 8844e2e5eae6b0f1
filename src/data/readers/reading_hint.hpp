#pragma once
// What would read the rows that were rejected: other settings and other ways to write a cell are tried on their faults.

#include <optional>
#include <string>

#include "clv/data/tables/parse_date.hpp"
#include "clv/data/tables/validation_report.hpp"

namespace clv {

/// 'with input.date_format = "day_first" all of them would be read'; empty if nothing that is known would read as much
/// as half of the faults of a kind. `dates`: the format that dates were read in, where there are any.
[[nodiscard]] std::string reading_hint(const ValidationReport& report, std::optional<DateFormat> dates = {});

/// A warning where a report whose dates were read in the format `dates` lets the other order of day and month read all
/// that this one does not; empty if not. Such a file is probably misdated as a whole.
[[nodiscard]] std::string order_warning(const ValidationReport& report, DateFormat dates);

}  // namespace clv
