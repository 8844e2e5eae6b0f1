#pragma once
// Purchase models with static covariates: a law says which of its parameters they move.

#include <cstdint>
#include <string>
#include <vector>

#include "clv/models/purchase_fit.hpp"

namespace clv {

/// Throws InputError for a feature that is missing, no number or the same for everybody, or a law without covariates.
void check_covariates(const PurchaseSummary& customers, PurchaseLaw law, const std::vector<std::string>& names);

/// Fits the law with the features of these names. Equal rows count once, in ascending order, and sums are taken in a
/// fixed order, so neither the order of customers nor `threads` (0: all) matters. Throws as fit_purchases() and
/// check_covariates().
[[nodiscard]] PurchaseFit fit_with_covariates(const PurchaseSummary& customers, PurchaseLaw law,
                                              const std::vector<std::string>& names, int threads = 0);

/// "bg_nbd, ..; of nbd the rate": the laws that covariates move, for the reference.
[[nodiscard]] std::string laws_with_covariates();

/// The model of a customer whose factors are these (see CovariateEffects).
[[nodiscard]] PurchaseModel with_factors(const PurchaseModel& model, double rate_factor, double dropout_factor);

/// exp(effects' z) of customer i, with z the features of `names` in `customers`.
[[nodiscard]] double covariate_factor(const std::vector<const std::vector<double>*>& covariates,
                                      const std::vector<double>& effects, std::size_t i);

/// The columns of these names. Throws InputError if one is missing or holds texts.
[[nodiscard]] std::vector<const std::vector<double>*> covariates_of(const PurchaseSummary& customers,
                                                                    const std::vector<std::string>& names);

/// Logarithms of parameters and effects of `covariates` that are free, in the order of CovariateEffects::covariance.
[[nodiscard]] std::size_t free_parameters(const PurchaseModel& model, std::size_t covariates);

/// Effects of which the data say next to nothing: over the spread of their column among these customers they move a
/// rate by a factor whose logarithm has a standard deviation above largest_log_sd.
[[nodiscard]] std::vector<std::string> unidentified_effects(const CovariateEffects& effects,
                                                            const PurchaseSummary& customers);

/// `count` draws at these points: of those that the fit holds, else from the normal approximation on the scale of
/// logarithms and effects, as draw_parameters() where the fit has no covariates.
[[nodiscard]] std::vector<PurchaseDraw> draw_purchases(const PurchaseFit& fit, std::size_t count,
                                                       const DrawPoints& points);

}  // namespace clv
