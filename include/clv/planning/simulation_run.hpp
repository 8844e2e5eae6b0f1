#pragma once
// Simulation and plan of one population. Figures of customers go to a sink as they come; what is kept of them is what a
// plan is made from.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clv/decisions/table/optimizer_settings.hpp"
#include "clv/decisions/table/uplift_table.hpp"
#include "clv/planning/planned_actions.hpp"
#include "clv/population/population.hpp"
#include "clv/simulation/attribution.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/portfolio.hpp"

namespace clv {

struct SimulationRun {
    std::vector<PortfolioRow> portfolio;  ///< under none, then, with a plan, under the chosen actions
    std::vector<PlanTotals> totals;
    std::vector<CashflowRow> cashflow;
    std::optional<UpliftTable> uplift;       ///< with actions
    std::optional<PlannedActions> decision;  ///< with actions and a plan asked for
    std::vector<SourceShare> sources;        ///< of the variance under none, where asked for
};

/// Names of the plans that a run values: "none", and "chosen" with `make_plan` and at least one action.
[[nodiscard]] std::vector<std::string> plan_names(const SimulationPlan& plan, bool make_plan);

/// "none", then the actions of the plan.
[[nodiscard]] std::vector<std::string> action_names(const SimulationPlan& plan);

/// Simulates every action on common random numbers; `figures` takes those of the customers. `with_customer_cvar`: the
/// uplift table has the CVaR of every customer's value. Throws what Backend::run throws.
[[nodiscard]] SimulationRun value_population(const Population& population, const Backend& backend,
                                             bool with_customer_cvar, CustomerSink& figures, Progress& progress);

/// Chooses the best set of actions within the limits for a run that has been valued, with actions, adds the portfolio
/// as it would be then, and values the choice on fresh paths, beside `current` (decide()). Nothing of the valuation is
/// simulated again; where the run's totals are not known, the portfolio is left out. Throws Error with
/// ExitCode::infeasible if there is no plan.
void plan_population(Population& population, const OptimizerSettings& optimizer,
                     const std::vector<std::uint8_t>& current, const Backend& backend, SimulationRun& run,
                     Progress& progress);

/// The portfolio under none of a run whose totals are known.
void add_none(const Population& population, PathTotals totals, std::span<const double> lifetime_months,
              SimulationRun& run);

/// The portfolio under none and under the chosen actions of a run that was planned without knowing its totals.
void add_totals_without_actions(Population& population, const Backend& backend, SimulationRun& run, Progress& progress);

/// Adds the portfolio under the chosen actions to that under none, which the run has. `table` is what was chosen from.
void add_chosen(const Population& population, const UpliftTable& table, const PlannedActions& decision,
                SimulationRun& run);

}  // namespace clv
