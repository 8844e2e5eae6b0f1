#pragma once
// Purchases as a Poisson process of rate lambda ~ Gamma(r, alpha): what the laws in continuous time say of customers
// while they are alive (Ehrenberg 1959).
//   P(X(t) = n) = Gamma(r + n) / (Gamma(r) n!) (alpha / (alpha + t))^r (t / (alpha + t))^n
// Internal to the laws.

#include <functional>

#include "purchase_law_traits.hpp"

namespace clv {

[[nodiscard]] Slope gamma_poisson_log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at);
[[nodiscard]] double gamma_poisson_expected(const PurchaseParameters& at, double t);
[[nodiscard]] double gamma_poisson_discounted(const PurchaseParameters& at, double rate);
[[nodiscard]] double gamma_poisson_probability(double r, double alpha, int n, double t);
[[nodiscard]] double gamma_poisson_count_probability(const PurchaseParameters& at, int n, double t);

/// The limit without dropout of every law in continuous time.
inline constexpr PurchaseForms gamma_poisson_forms{gamma_poisson_log_likelihood, gamma_poisson_expected,
                                                   gamma_poisson_discounted, gamma_poisson_count_probability};

/// Integral of exp(-rate t) intensity(t) over t > 0, as t = z / (1 - z) / rate.
[[nodiscard]] double discounted_integral(double rate, const std::function<double(double t)>& intensity);

}  // namespace clv
