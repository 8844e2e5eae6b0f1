#pragma once
// Beta-discrete-Weibull model of contract renewal (Fader, Hardie, Liu, Davin, Steenburgh 2018, "How to Project Customer
// Retention Revisited").
//
// As in sBG every customer has a churn probability of their own from a Beta(alpha, beta), but it changes with time:
//   S(t) = B(alpha, beta + t^c) / B(alpha, beta)    P(still a customer after period t)
// c > 1: a customer's own churn grows with age; c < 1: it falls; c = 1: shifted beta geometric.
// By elementary operations alone, so that hazards have the same bits with every compiler and library.

#include <cstdint>
#include <span>

namespace clv {

struct BetaDiscreteWeibull {
    double alpha = 1.0;
    double beta = 1.0;
    double c = 1.0;

    /// ln S(t), t = 0, 1, ..
    [[nodiscard]] double log_survival(int period) const;
    /// S(t), t = 0, 1, ..
    [[nodiscard]] double survival(int period) const;
    /// r_t = S(t) / S(t - 1), t = 1, 2, ..
    [[nodiscard]] double retention(int period) const;
    /// -ln r_t
    [[nodiscard]] double hazard(int period) const;
    /// Discounted expected residual lifetime, in periods, just before renewal n of a customer who was there in all
    /// periods before: the sum over t >= n of S(t) / S(n-1) (1 + d)^-(t - n), to 1e-12 relative. `discount_rate` is per
    /// period. Throws ModelError if n < 1, or the rate is below 1e-4: without discounting there is no closed form.
    [[nodiscard]] double residual_lifetime(int renewal, double discount_rate) const;
    /// Sum over periods of churned ln(1 - r_t) + (at_risk - churned) ln r_t. [0] is period 1.
    [[nodiscard]] double log_likelihood(std::span<const double> at_risk, std::span<const std::uint64_t> churned) const;
};

}  // namespace clv
