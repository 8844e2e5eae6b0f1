#pragma once
// Calendar days as they stand in the cells of a table.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clv {

/// iso: 2011-12-09 or 20111209. month_first: 12/9/2011. day_first: 9/12/2011. Nothing is guessed from the numbers.
enum class DateFormat : std::uint8_t { iso, month_first, day_first };

inline constexpr std::array date_formats{DateFormat::iso, DateFormat::month_first, DateFormat::day_first};

/// The day of a cell, as it is written there. A time of day may follow after a blank or a T, H:MM[:SS[.fraction]][ AM]
/// or HHMM[SS[.fraction]], and a zone: Z, UTC, GMT, or an offset such as +01:00, +0100 or +01, then perhaps [a name].
/// Both are checked and left out: 2011-12-09T23:30+02:00 is December 9, whatever day it was elsewhere. Blanks around
/// the cell are allowed. Empty for anything else, and for days that no calendar has.
[[nodiscard]] std::optional<std::chrono::sys_days> parse_date(std::string_view cell, DateFormat format) noexcept;

/// Whether a cell would be a day but for the name of a zone at its end, as in 2011-12-09 23:30 CET.
[[nodiscard]] bool names_a_zone(std::string_view cell) noexcept;

/// 2011-12-09
[[nodiscard]] std::string iso_date(std::chrono::sys_days day);

}  // namespace clv
