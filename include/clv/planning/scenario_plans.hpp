#pragma once
// Where to spend in every scenario: each is planned for as a world of its own, on the random numbers of all others.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/planning/planned_actions.hpp"
#include "clv/population/population.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/portfolio.hpp"

namespace clv {

/// What a scenario's plan comes to.
struct ScenarioPlan {
    std::string scenario;
    std::vector<ScenarioRow> rows;  ///< [segment]: value under the chosen actions, and minus that under base's plan in
                                    ///< base, path by path
    std::vector<double> months_without;  ///< [segment]: as PortfolioRow::months, without any action
    ActionPlan plan;
    Estimate fresh_profit;                       ///< currency
    std::size_t customers_with_added_paths = 0;  ///< PlannedActions
};

/// Takes a scenario's uplift table and plan as they come.
using OnScenarioPlan = std::function<void(const std::string& scenario, const UpliftTable&, const PlannedActions&)>;

/// Plans for base and every scenario of `population.plan.scenarios`, which needs actions; `current` as for decide().
/// Throws ConfigError where customers have no contract, and what Backend::run and decide() throw.
[[nodiscard]] std::vector<ScenarioPlan> plan_scenarios(const Population& population, const OptimizerSettings& optimizer,
                                                       const std::vector<std::uint8_t>& current, const Backend& backend,
                                                       const OnScenarioPlan& on_plan, Progress& progress);

}  // namespace clv
