#pragma once
// What a run found, for the terminal.

#include "clv/pipeline/population.hpp"
#include "clv/pipeline/simulation_run.hpp"
#include "clv/pipeline/terminal.hpp"

#include <nlohmann/json_fwd.hpp>

namespace clv {

/// Tables of the portfolio, the customers and the plan; with --json one JSON object.
void print_summary(const Population& population, const SimulationRun& run, Terminal& terminal);

/// The plan's figures, as in run.json.
[[nodiscard]] nlohmann::json plan_record(const PlannedActions& decision);

}  // namespace clv
