#pragma once
// Time and rates with their unit in the type or the name. Rates are annual; conversion is always written out.

namespace clv {

inline constexpr int months_per_year = 12;
inline constexpr int max_horizon_months = 120;
inline constexpr double days_per_month = 365.25 / 12.0;

inline constexpr double days_per_week = 7.0;
inline constexpr double weeks_per_month = days_per_month / days_per_week;

/// What the times of a purchase model are counted in.
enum class TimeUnit { day, week, month, year };

[[nodiscard]] constexpr double days_per(TimeUnit unit) noexcept {
    switch (unit) {
        case TimeUnit::day:
            return 1.0;
        case TimeUnit::week:
            return days_per_week;
        case TimeUnit::month:
            return days_per_month;
        case TimeUnit::year:
            return months_per_year * days_per_month;
    }
    return days_per_week;
}

[[nodiscard]] constexpr const char* to_string(TimeUnit unit) noexcept {
    switch (unit) {
        case TimeUnit::day:
            return "day";
        case TimeUnit::week:
            return "week";
        case TimeUnit::month:
            return "month";
        case TimeUnit::year:
            return "year";
    }
    return "unknown";
}

/// An annual rate as a fraction: 0.10 is ten percent a year.
struct AnnualRate {
    double value = 0.0;
};

/// When within a month its cash is paid, for discounting: (t-1)/12, (t-1/2)/12 or t/12 years from today.
enum class DiscountTiming { start, mid, end };

/// Whether a customer who churns in month t has paid month t (`end`) or not (`start`).
enum class ChurnTiming { start, end };

}  // namespace clv
