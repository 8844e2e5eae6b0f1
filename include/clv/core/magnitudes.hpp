#pragma once
// Which magnitudes numbers of customers have, whatever file or key they come from. What lies beyond is a slip (of a
// unit, a column or a digit), and would overflow, or keep a model busy for ever. Zero is no magnitude: where it may
// stand, it may.

namespace clv::magnitudes {

/// An amount of money of one customer, in currency.
inline constexpr double smallest_amount = 1.0e-9;
inline constexpr double largest_amount = 1.0e15;
/// An amount, or a count, of all customers together.
inline constexpr double largest_total = 1.0e24;
/// A time of a history, in the unit of fit.time_unit.
inline constexpr double smallest_time = 1.0e-6;
inline constexpr double largest_time = 1.0e6;
/// Purchases of a customer.
inline constexpr double largest_count = 1.0e6;
/// Customers that a row stands for.
inline constexpr double largest_weight = 1.0e9;
/// Interest or growth, a year: a hundredfold.
inline constexpr double largest_rate = 100.0;
/// A factor on hazards, revenue or prices, and the standard deviation of its logarithm.
inline constexpr double largest_factor = 1.0e6;
inline constexpr double largest_log_sd = 10.0;
/// Parameters of a law: beyond these it is at one of its limits, and says so by 0 or infinity.
inline constexpr double smallest_parameter = 1.0e-15;
inline constexpr double largest_parameter = 1.0e15;

/// Whether a number is 0, or has a magnitude from `smallest` to `largest`.
[[nodiscard]] constexpr bool has_magnitude(double value, double smallest, double largest) noexcept {
    const double size = value < 0.0 ? -value : value;
    return size == 0.0 || (size >= smallest && size <= largest);
}

}  // namespace clv::magnitudes
