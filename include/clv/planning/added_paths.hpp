#pragma once
// More paths for the customers whose choice could turn (optimizer.added_paths): the figures that a plan is made from
// are refined where that can change the plan, and nowhere else.

#include <cstdint>
#include <span>

#include "clv/decisions/table/optimizer_settings.hpp"
#include "clv/decisions/table/uplift_table.hpp"
#include "clv/planning/plan_simulator.hpp"

namespace clv {

/// A choice could turn where an action comes closer to the best than so many standard errors (undecided_customers).
inline constexpr double undecided_within = 2.0;

/// Throws ConfigError where paths cannot be added: they are not independent, or customers have different numbers of
/// them.
void check_added_paths(const OptimizerSettings& optimizer, const SimulationSettings& simulation);

/// Plans, and simulates `optimizer.added_paths` more paths, from added_paths_begin on, of the customers who stay
/// undecided. Their expected profit, its standard error and their cost become those of all of their paths; what else
/// the table has, CVaR too, stays as it is. `table.paths` says who has how many. With added_paths = 0, or if no plan
/// keeps the limits, nothing changes. `table` is of the simulator's own run; `current` as for decide(). Throws as
/// decide() does.
void add_paths(UpliftTable& table, const OptimizerSettings& optimizer, std::span<const std::uint8_t> current,
               const PlanSimulator& simulator);

}  // namespace clv
