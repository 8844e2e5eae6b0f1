#pragma once
// Which stretches of time the calendar counts purchases in. In each of them everybody must be able to buy: weeks,
// unless the days of purchases lie on a grid (every second week, the 1st of a month, the first Monday of a quarter,
// once a year) or whole seasons stay empty. A week that nobody can buy in is no bad week, and the ones between are no
// good ones.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace clv {

struct PurchaseRhythm {
    std::string found;              ///< what the days lie on, in words; empty: nothing, weeks will do
    std::size_t begin = 0;          ///< first day of the first cell
    std::vector<std::size_t> ends;  ///< [cell]: its last day; a cell begins after the one before. Empty: weeks
    std::string warning;            ///< what a forecast cannot know; empty: nothing
};

/// Repeat purchases of every day from `first_day` on, and those that a model expects of steady customers. The end of
/// the last day is the end of observation. Weeks are left only where too many of them are empty for chance, or most
/// purchases lie within a few days of a longer period.
[[nodiscard]] PurchaseRhythm purchase_rhythm(std::chrono::sys_days first_day, std::span<const std::uint32_t> purchases,
                                             std::span<const double> expected);

}  // namespace clv
