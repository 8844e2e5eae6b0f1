#pragma once
// Quadrature of the purchase models. By hand, though Boost.Math has tanh_sinh and tgamma_delta_ratio: it halves steps
// by another rule and hands the integrand no logarithms of the ends, so that its sums have other last bits.

#include <functional>

namespace clv {

/// f(z, ln z, ln(1 - z), ln(dz / du)) at a node z in (0, 1).
using UnitIntegrand = std::function<double(double z, double log_z, double log_rest, double log_weight)>;

/// Integral of f over (0, 1): f is handed the weight, so that it can join it in logarithms. Double exponential
/// (tanh-sinh; Takahasi, Mori 1974, "Double exponential formulas for numerical integration"), halved until two sums
/// agree to 1e-12 of themselves and `size`; ends may be singular.
[[nodiscard]] double unit_integral(const UnitIntegrand& f, double size = 0.0);

/// ln(Gamma(z + a) / Gamma(z)), z >= a: Stirling's series where two large logarithms would cancel.
[[nodiscard]] double log_gamma_ratio(double z, double a);

/// E[g(p)], p ~ Beta(a, b), g smooth at 0. As g(0) + E[g(p) - g(0)]: for small a most of the weight is at 0 itself.
[[nodiscard]] double beta_expectation(double a, double b, const std::function<double(double p)>& g);

}  // namespace clv
