#pragma once
// A sweep: one population under several scenarios on the same random numbers, before anything is written.

#include <string>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/population/population.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/portfolio.hpp"

namespace clv {

struct SweepRun {
    std::vector<Scenario> scenarios;               ///< "base", the plan as it is, then those of the plan
    std::vector<std::string> segments;             ///< row_names()
    std::vector<ScenarioRow> rows;                 ///< [scenario][segment]
    std::vector<std::vector<double>> path_totals;  ///< [scenario]: [segment][path], currency
};

/// Values `plan.scenarios` of the population's plan, without any action. Throws what Backend::run throws.
[[nodiscard]] SweepRun run_sweep(const Population& population, const Backend& backend, Progress& progress);

}  // namespace clv
