#pragma once

#include "clv/decisions/tail/mean_cvar.hpp"
#include "clv/planning/plan_simulator.hpp"

namespace clv {

/// The plan of the highest (1 - risk_weight) mean + risk_weight CVaR of the total value on the paths that decisions are
/// made on, CVaR at simulation.cvar_level. `table` is of the simulator's own run. Throws ConfigError where customers
/// have paths of their own (simulation.target_se).
[[nodiscard]] MeanCvarPlan plan_for_risk(const UpliftTable& table, const OptimizerSettings& settings,
                                         const PlanSimulator& simulator);

}  // namespace clv
