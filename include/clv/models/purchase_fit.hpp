#pragma once
// Maximum likelihood of the purchase models.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "clv/data/histories/purchase_history.hpp"
#include "clv/math/fit_status.hpp"
#include "clv/models/covariate_effects.hpp"
#include "clv/models/draw_points.hpp"
#include "clv/models/purchase_models.hpp"

namespace clv {

/// Parameters and effects of covariates, drawn together.
struct PurchaseDraw {
    PurchaseParameters parameters{};
    std::vector<double> rate_effects{};
    std::vector<double> dropout_effects{};
};

struct PurchaseFit {
    PurchaseModel model;
    PurchaseParameters standard_errors{};  ///< natural scale; NaN unless identified
    /// Of the logarithms of the parameters, row by row; 0 unless converged or not identified, and of what is held.
    std::array<std::array<double, 4>, 4> log_covariance{};
    double log_likelihood = 0.0;
    double aic = 0.0;
    FitStatus status = FitStatus::not_converged;
    double customers = 0.0;
    std::vector<std::string> warnings;
    CovariateEffects covariates{};  ///< without names where the model has none; parameters are those at z = 0
    /// From the likelihood, equally likely, in ascending order of what customers are expected to buy; empty where a
    /// normal distribution says the same (identify()).
    std::vector<PurchaseDraw> draws{};
};

/// Equal rows count once with their weight, in ascending order, so the order of customers does not matter. Where the
/// data hold no sign of dropout the fit is the limit without it (a = 0 and b, beta or delta infinite), at_bound.
/// Throws InputError for no customers, or a row that is no purchase history.
[[nodiscard]] PurchaseFit fit_purchases(const PurchaseSummary& customers, PurchaseLaw law);

/// Parameters of which the data say next to nothing: their logarithm has a standard deviation above largest_log_sd, or
/// the fit already holds them at their estimates.
[[nodiscard]] std::vector<std::string> unidentified_parameters(const PurchaseFit& fit);

/// `count` draws from the normal approximation on the log scale at these points, no farther than a factor of a
/// million from the estimate. A fit that has not converged, or is at a bound, gives its estimate every time, and one
/// that is not identified those of the parameters that it holds.
[[nodiscard]] std::vector<PurchaseParameters> draw_parameters(const PurchaseFit& fit, std::size_t count,
                                                              const DrawPoints& points);

}  // namespace clv
