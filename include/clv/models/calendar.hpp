#pragma once
// The calendar that all customers share, from the purchases of a week beside those that a purchase model expects.
//
// Customers' own histories say how purchases scatter around their means; they say nothing of weeks that are good or bad
// for everybody at once, and these are what moves a total. The log of the weekly intensity is the sum of a level
// (random walk), a cycle (AR(1)) and, where a year is known, a season (calendar_filter.hpp). Its parameters are
// integrated over a grid of their priors' quantiles:
//   persistence    rising in proportion from 0 to 0.95: what moves a trade lasts for weeks more often than for one;
//   beyond
//                  that a cycle of half a year cannot be told from the level
//   cycle_sd       half-normal, scale 0.20: weeks of retailers differ by tenths, holidays and promotions apart
//   level_step_sd  half-normal, scale 0.025 a week, 0.18 a year: how far the trade with customers already won drifts
//   from
//                  what a purchase model says within a year; this is also the room for the model's own error, which
//                  grows with the horizon
// A purchase model is fitted to the same weeks, so its expectation is right on average over them, and the level starts
// near 0 (sd 0.1); at their end it is what they say.

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/estimate.hpp"
#include "clv/data/histories/purchase_history.hpp"
#include "clv/models/draw_points.hpp"
#include "clv/paths/retail_columns.hpp"

namespace clv {

/// Repeat purchases of all customers, [week]; the last week ends with the observation. Where people cannot buy in every
/// week (purchase_rhythm.hpp), all of a longer cell stand in the week that the cell ends in, and nothing in the others.
struct WeeklyPurchases {
    std::vector<double> actual;
    std::vector<double> expected;
    double cell_weeks = 1.0;  ///< from one cell to the next, on average
    std::string rhythm{};     ///< what the days of purchases lie on, in words; empty: nothing, cells are weeks
    std::string warning{};    ///< what a forecast cannot know of that; empty: nothing
};

/// Whole weeks back from the end of observation; days before the first of them are left out. `expected_purchases(n)`:
/// repeat purchases that a new customer is expected to make within n days of the first.
/// Throws InputError if days of first and of repeat purchases are not the same.
[[nodiscard]] WeeklyPurchases weekly_purchases(const DailyPurchases& daily,
                                               const std::function<double(double days)>& expected_purchases);

/// The same in the cells that the days of purchases ask for.
[[nodiscard]] WeeklyPurchases calendar_purchases(const DailyPurchases& daily,
                                                 const std::function<double(double days)>& expected_purchases);

enum class CalendarStatus {
    estimated,
    constant,  ///< too little to go by: every draw is the factor 1, for certain
};

[[nodiscard]] std::string_view to_string(CalendarStatus status);

struct CalendarFit {
    WeeklyPurchases weeks;            ///< that it was estimated from
    std::vector<CalendarDraw> draws;  ///< equally likely, made from points; of one set after the other
    Estimate persistence;             ///< posterior mean, sd and 95% interval; the prior where constant
    Estimate cycle_sd;
    Estimate level_step_sd;
    CalendarStatus status = CalendarStatus::constant;
    std::vector<std::string> warnings;
};

/// A century: what is longer has a wrong date in it.
inline constexpr std::size_t most_calendar_weeks = 5'220;

/// Weeks with at least one expected purchase that an estimate needs, and those that a season needs; of longer cells as
/// many as make up these, for a season two years of them.
inline constexpr std::size_t least_calendar_weeks = 8;
inline constexpr std::size_t least_season_weeks = 53;

inline constexpr std::array<DrawPoints, 1> one_set{};

/// `future_weeks`: weeks for which the draws hold a season, and the drift that keeps the mean of exp(level) where it is
/// at the end of observation. So many draws of
/// each set of points; the same weeks and points give the same.
/// Throws InputError if the weeks are no counts, ConfigError without a draw.
[[nodiscard]] CalendarFit fit_calendar(const WeeklyPurchases& weeks, std::size_t future_weeks, std::size_t draws = 64,
                                       std::span<const DrawPoints> sets = one_set);

/// The factor of the weeks to come on average, over paths: 1 is what closed forms go by.
struct AverageFactor {
    double mean = 1.0;
    double low = 1.0;   ///< 2.5% quantile
    double high = 1.0;  ///< 97.5% quantile

    /// Whether weeks like those that were fitted, factor 1, are beyond what the calendar holds possible, or off by more
    /// than this ratio.
    [[nodiscard]] bool contradicts_closed_forms(double most_ratio) const noexcept {
        return low > 1.0 || high < 1.0 || mean > most_ratio || mean < 1.0 / most_ratio;
    }
};

/// Of the first `weeks` weeks. The same draws give the same factor; no run's random numbers are used.
[[nodiscard]] AverageFactor average_factor(const std::vector<CalendarDraw>& draws, std::size_t weeks);

}  // namespace clv
