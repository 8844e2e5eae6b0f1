#pragma once
// Purchase and spend models from histories, by maximum likelihood on the logarithms of their parameters.

#include <string>
#include <vector>

#include "clv/data/purchase_history.hpp"
#include "clv/models/fit_status.hpp"
#include "clv/models/purchase_model.hpp"

namespace clv {

/// How a fit ended. Standard errors are on the natural scale, from the curvature of the likelihood; NaN for a parameter
/// that is not identified. `log_covariance` is that of the logarithms, row by row, 0 in rows of such parameters.
struct FitFigures {
    std::vector<double> standard_errors;
    std::vector<double> log_covariance;
    double log_likelihood = 0.0;
    double aic = 0.0;
    double customers = 0.0;  ///< weights of the rows that were fitted on
    FitStatus status = FitStatus::not_converged;
    std::vector<std::string> warnings;
};

struct PurchaseFit {
    PurchaseModel model;
    FitFigures figures;
};

struct SpendFit {
    SpendModel model;
    FitFigures figures;
};

/// Fits one of the purchase models. Where the likelihood keeps growing as dropout vanishes, the fit is the limit, with
/// status `at_bound` and a warning. Throws InputError if there are no rows.
[[nodiscard]] PurchaseFit fit_purchases(const PurchaseSummary& summary, PurchaseLaw law);

/// Fits Gamma-Gamma on the customers with repeat purchases of some worth. Throws InputError if there are none.
[[nodiscard]] SpendFit fit_spend(const PurchaseSummary& summary);

}  // namespace clv
