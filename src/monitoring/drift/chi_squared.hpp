#pragma once
// The chi^2 distribution.

namespace clv {

/// P(X >= x) with so many degrees of freedom.
[[nodiscard]] double chi_squared_tail(double x, double degrees);
/// x with P(X >= x) = tail.
[[nodiscard]] double chi_squared_quantile(double tail, double degrees);

}  // namespace clv
