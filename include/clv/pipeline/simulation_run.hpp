#pragma once
// Simulation and plan of one population, before anything is written.

#include <optional>
#include <vector>

#include "clv/core/estimate.hpp"
#include "clv/decisions/optimizer.hpp"
#include "clv/decisions/uplift_table.hpp"
#include "clv/output/results_file.hpp"
#include "clv/output/results_writer.hpp"
#include "clv/pipeline/population.hpp"
#include "clv/simulation/backend.hpp"

namespace clv {

/// A plan, and what it earns on paths that the optimizer did not see.
struct PlannedActions {
    ActionPlan plan;
    Estimate fresh_profit;  ///< of the whole plan: mean over fresh paths, fresh market and fresh effects
};

struct SimulationRun {
    SimulationResult result;
    std::vector<PortfolioRow> portfolio;  ///< under none, then, with a plan, under the chosen actions
    std::vector<PlanTotals> totals;
    std::vector<CashflowRow> cashflow;
    std::optional<UpliftTable> uplift;       ///< with actions
    std::optional<PlannedActions> decision;  ///< with actions and a plan asked for
};

/// Simulates every action on common random numbers. With `make_plan` and at least one action it chooses the best set
/// under the budget, adds the portfolio as it would be then, and values the choice on fresh paths.
[[nodiscard]] SimulationRun run_simulation(const Population& population, const OptimizerSettings& optimizer,
                                           const Backend& backend, bool make_plan, Progress& progress);

}  // namespace clv
