#pragma once
// Calendar days as they stand in the cells of a table.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clv {

/// iso: 2011-12-09 or 20111209. month_first: 12/9/2011. day_first: 9/12/2011. Nothing is guessed from the numbers.
enum class DateFormat : std::uint8_t { iso, month_first, day_first };

/// The day of a cell; a time of day (H:MM[:SS[.fraction]][Z]) may follow after a blank or a T and is checked, then left
/// out. Blanks around the cell are allowed. Empty for anything else, and for days that no calendar has.
[[nodiscard]] std::optional<std::chrono::sys_days> parse_date(std::string_view cell, DateFormat format) noexcept;

/// 2011-12-09
[[nodiscard]] std::string iso_date(std::chrono::sys_days day);

}  // namespace clv
