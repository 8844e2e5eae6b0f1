#pragma once
// features.csv and cohorts.csv.

#include <filesystem>

#include "clv/data/histories/purchase_history.hpp"
#include "clv/features/purchase_features.hpp"

namespace clv {

/// One row per customer: the summary's columns and the features'. Throws OutputError, Interrupted.
void write_features_csv(const std::filesystem::path& path, const PurchaseSummary& summary,
                        const PurchaseFeatures& features);

/// One row per cohort and month; months in which nobody bought first have no cohort. Throws OutputError, Interrupted.
void write_cohorts_csv(const std::filesystem::path& path, const CohortTriangle& triangle);

}  // namespace clv
