#pragma once
// The files of models fitted on histories of purchases.

#include <optional>

#include "clv/models/fitted_model.hpp"
#include "clv/monitoring/holdout.hpp"
#include "clv/output/output_set.hpp"
#include "clv/population/purchases_read.hpp"
#include "clv/steps/population_settings.hpp"

namespace clv {

/// Writes model.json, summary.csv, with fit.features those of transactions (features.csv and cohorts.csv), and where
/// something is held out holdout.csv and holdout.json. Returns the comparison with what was held out, forecast on the
/// CPU. Throws OutputError, Interrupted, and what compare_with_holdout() throws.
std::optional<HoldoutComparison> write_fit_files(const PopulationSettings& settings, const PurchasesRead& read,
                                                 const FittedModel& model, OutputSet& outputs, Progress& progress);

}  // namespace clv
