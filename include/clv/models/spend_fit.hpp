#pragma once
// Gamma-Gamma model of spend (Fader, Hardie 2013): a purchase is Gamma(p, nu), nu of a customer Gamma(q, v).

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "clv/data/histories/purchase_history.hpp"
#include "clv/math/fit_status.hpp"
#include "clv/models/draw_points.hpp"
#include "clv/paths/retail_columns.hpp"

namespace clv {

struct SpendFit {
    SpendParameters parameters{};
    SpendParameters standard_errors{};                      ///< natural scale; NaN unless converged
    std::array<std::array<double, 4>, 4> log_covariance{};  ///< of the logarithms of p, q, v; 0 unless converged
    double log_likelihood = 0.0;
    double aic = 0.0;
    FitStatus status = FitStatus::not_converged;
    double customers = 0.0;  ///< with repeat purchases of positive value
    std::vector<std::string> warnings;
    /// As those of a PurchaseFit, in ascending order of the mean spend; q above 1.
    std::vector<SpendParameters> draws{};
};

/// Throws InputError if there is no customer with repeat purchases of positive mean value.
void check_spend(const PurchaseSummary& customers);

/// Fits customers with repeat purchases of positive mean value. Throws as check_spend().
[[nodiscard]] SpendFit fit_spend(const PurchaseSummary& customers);

/// As draw_purchases() of a PurchaseFit.
[[nodiscard]] std::vector<SpendParameters> draw_parameters(const SpendFit& fit, std::size_t count,
                                                           const DrawPoints& points);

}  // namespace clv
