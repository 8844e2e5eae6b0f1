#pragma once

#include "clv/core/progress.hpp"
#include "clv/simulation/backend.hpp"

namespace clv::cpu {

/// Path totals of the plan and of all its scenarios in one unit, from one pass over the paths; no customer's figures
/// are taken. Throws as Backend::run.
[[nodiscard]] RunTotals run_scenarios(const CpuSettings& settings, const SubscriptionColumns& columns,
                                      const SimulationPlan& plan, Progress& progress);

}  // namespace clv::cpu
