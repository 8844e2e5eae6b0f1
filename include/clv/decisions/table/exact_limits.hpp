#pragma once
// When a sum keeps a limit. Sums are those of the doubles themselves, without any rounding; a bound is a decimal that a
// double can only come near, so that half a unit in its last place is allowed: seven costs of 2/7 keep a budget of 2. A
// bound of 0 allows nothing.

#include "clv/risk/fixed_point.hpp"

namespace clv {

[[nodiscard]] bool keeps_most(OrderFreeSum sum, double most) noexcept;
[[nodiscard]] bool keeps_least(OrderFreeSum sum, double least) noexcept;

/// The return per unit of cost that counts as min_roi: 2^-51 of it less, which covers that profit, cost and min_roi are
/// each rounded to a double.
[[nodiscard]] double least_return(double min_roi) noexcept;

}  // namespace clv
