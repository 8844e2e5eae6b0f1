#pragma once

#include "clv/core/progress.hpp"
#include "clv/simulation/backend.hpp"

namespace clv::cpu {

/// A run of customers without a contract. Throws as Backend::run.
[[nodiscard]] RunTotals run_retail(const CpuSettings& settings, const RetailColumns& columns,
                                   const SimulationPlan& plan, CustomerSink& sink, Progress& progress);

}  // namespace clv::cpu
