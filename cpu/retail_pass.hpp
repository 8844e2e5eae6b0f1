#pragma once

#include "clv/core/progress.hpp"
#include "clv/simulation/backend.hpp"

namespace clv::cpu {

/// A run of customers without a contract. Throws as Backend::run.
[[nodiscard]] RunTotals run_retail(const CpuSettings& settings, const RetailColumns& columns,
                                   const SimulationPlan& plan, CustomerSink& sink, Progress& progress);

/// Backend::forecast_purchases.
[[nodiscard]] PurchaseForecast forecast_purchases(const CpuSettings& settings, const RetailColumns& columns,
                                                  const SimulationPlan& plan, double horizon_weeks,
                                                  const TakePurchases& take, Progress& progress);

}  // namespace clv::cpu
