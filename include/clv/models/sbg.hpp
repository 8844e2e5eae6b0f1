#pragma once
// Shifted beta geometric model of contract renewal (Fader and Hardie 2007, "How to project customer retention").
//
// Every customer churns at each renewal with a probability of their own, which does not change with time and follows
// a Beta(alpha, beta) over customers. Retention rises with age because the churners leave first:
//   r_t = (beta + t - 1) / (alpha + beta + t - 1)    P(renews at the end of period t | was there)
//   S(t) = r_1 r_2 .. r_t                            P(still a customer after period t)

#include <cstdint>
#include <span>

#include "clv/math/fit_status.hpp"

namespace clv {

struct ShiftedBetaGeometric {
    double alpha = 1.0;
    double beta = 1.0;

    /// r_t, t = 1, 2, ..
    [[nodiscard]] double retention(int period) const noexcept;
    /// -ln r_t
    [[nodiscard]] double hazard(int period) const;
    /// S(t), t = 0, 1, ..
    [[nodiscard]] double survival(int period) const noexcept;
    /// Discounted expected residual lifetime, in periods, just before renewal n of a customer who was there in all
    /// periods before: the sum over t >= n of S(t) / S(n-1) (1 + d)^-(t - n), to 1e-12 relative. `discount_rate` is per
    /// period. Without discounting it is (beta + n - 1) / (alpha - 1), infinite for alpha <= 1.
    /// Throws ModelError if n < 1, or the rate is negative or between 0 and 1e-6.
    [[nodiscard]] double residual_lifetime(int renewal, double discount_rate) const;
    /// Sum over periods of churned ln(1 - r_t) + (at_risk - churned) ln r_t. [0] is period 1.
    [[nodiscard]] double log_likelihood(std::span<const double> at_risk, std::span<const std::uint64_t> churned) const;
};

struct SbgFit {
    ShiftedBetaGeometric model;
    double alpha_se = 0.0;  ///< standard errors on the natural scale; NaN unless converged
    double beta_se = 0.0;
    double log_likelihood = 0.0;
    FitStatus status = FitStatus::not_converged;
};

/// Maximum likelihood from the counts of every period ([0] is period 1): customers up for renewal, and those of them
/// who churned. Parameters are sought between 1e-6 and 1e6. Throws InputError if the counts are no counts of renewals.
[[nodiscard]] SbgFit fit_sbg(std::span<const double> at_risk, std::span<const std::uint64_t> churned);

}  // namespace clv
