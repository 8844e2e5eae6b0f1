#pragma once
// A scenario as a world of its own: columns and a plan whose plain run is the scenario. Slower than sharing the work
// between scenarios, and so simple that it says what each of them means.

#include "clv/paths/subscription_columns.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

struct ScenarioWorld {
    SubscriptionColumns columns;
    SimulationPlan plan;  ///< without scenarios
};

/// With b = market_beta, m and s the market's revenue volatility and hazard sensitivity, x the market shift, q and k
/// the revenue and price multipliers:
///   hazard         h_t hazard_multiplier exp(-s x); certain churn stays certain unless the multiplier is 0
///   revenue        q k exp(b m x) R_t
///   margin         1 - (1 - margin) / k, so that cash is q exp(b m x) R_t (k - (1 - margin)) - retention_cost
///   discount rate  the scenario's, if it has one
/// Actions keep their meaning: their multipliers multiply the scenario's.
/// `price_multiplier` > 0, the other multipliers >= 0.
[[nodiscard]] ScenarioWorld scenario_world(const SubscriptionColumns& columns, const SimulationPlan& plan,
                                           const Scenario& scenario);

}  // namespace clv
