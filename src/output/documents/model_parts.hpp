#pragma once
// Members of model.json beside the fits: covariates and bootstrap draws.

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "clv/output/documents/model_file.hpp"

namespace clv {

/// Adds `covariates` and their covariance to the purchase model, if it has some.
void add_covariates(nlohmann::ordered_json& purchase, const CovariateEffects& effects);
[[nodiscard]] CovariateEffects read_covariates(const nlohmann::ordered_json& purchase);

/// Adds `bootstrap`, if the model has draws.
void add_bootstrap(nlohmann::ordered_json& root, const FittedModel& model);
/// Throws InputError for draws that are none of this model's.
[[nodiscard]] std::vector<ModelDraw> read_bootstrap(const nlohmann::ordered_json& root, const FittedModel& model);

}  // namespace clv
