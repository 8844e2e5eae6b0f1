#pragma once
// Members of model.json beside the fits: covariates, draws from the likelihood and bootstrap draws.

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "clv/output/documents/model_file.hpp"
#include "members.hpp"

namespace clv {

/// Adds `covariates` and their covariance to the purchase model, if it has some.
void add_covariates(nlohmann::ordered_json& purchase, const CovariateEffects& effects);
/// Throws InputError for effects or a covariance that are none of this model's.
[[nodiscard]] CovariateEffects read_covariates(const Members& purchase, const PurchaseModel& model);

/// Adds `draws`, if the fit has some.
void add_draws(nlohmann::ordered_json& object, const PurchaseFit& fit);
void add_draws(nlohmann::ordered_json& object, const SpendFit& fit);
/// Throws InputError for draws that are none of this law's.
void read_draws(const Members& object, PurchaseFit& fit);
void read_draws(const Members& object, SpendFit& fit);

/// Adds `bootstrap`, if the model has draws.
void add_bootstrap(nlohmann::ordered_json& root, const FittedModel& model);
/// Throws InputError for draws that are none of this model's.
[[nodiscard]] std::vector<ModelDraw> read_bootstrap(const Members& root, const FittedModel& model);

}  // namespace clv
