#pragma once
// A plan with what has to be known to believe it: what it earns on paths that the optimizer did not see, beside other
// policies, and what other budgets would earn.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clv/core/estimate.hpp"
#include "clv/core/progress.hpp"
#include "clv/decisions/solver/frontier.hpp"
#include "clv/decisions/solver/optimizer.hpp"
#include "clv/decisions/table/certificate.hpp"
#include "clv/decisions/table/uplift_table.hpp"
#include "clv/planning/plan_simulator.hpp"
#include "clv/simulation/result.hpp"

namespace clv {

/// A profit over paths. The standard error tells how far more paths would move the mean; the spread tells what effects,
/// market and chance may bring.
struct ProfitOnPaths {
    Estimate mean;      ///< currency
    double sd = 0.0;    ///< over paths
    double low = 0.0;   ///< 5% quantile over paths
    double high = 0.0;  ///< 95% quantile over paths
};

/// What a policy costs and earns by the uplift table, and on fresh paths where it could be simulated.
struct PolicyValue {
    std::string policy;           ///< "plan", "do_nothing", "current", "best_single_action"
    std::string action;           ///< of best_single_action
    std::uint64_t customers = 0;  ///< with an action other than none
    double cost = 0.0;
    double expected_profit = 0.0;
    std::optional<double> added_months;  ///< paid months within the horizon, of all customers together
    std::optional<ProfitOnPaths> fresh;
};

/// Paid months to be expected within the horizon, mean over the customers, on the paths that the plan was chosen on.
struct PlannedMonths {
    double none = 0.0;
    double chosen = 0.0;
};

/// The plan's profit on fresh paths against that on the paths it was chosen on.
struct FreshFigures {
    ProfitOnPaths profit;
    double in_sample_se = 0.0;  ///< of the plan's expected_profit
    double difference = 0.0;    ///< fresh minus in-sample: below 0 by what choosing has made look good (Smith and
                                ///< Winkler 2006, the optimizer's curse)
    double difference_se = 0.0;
    std::optional<ProfitOnPaths> at_medians;  ///< without the effects' shared spread; absent: they have none
    double effect_share = 0.0;  ///< share of the variance over paths that the effects' shared spread brings
};

/// One budget, and its plan's profit on fresh paths where that was simulated.
struct EvaluatedPoint {
    FrontierPoint point;
    std::optional<Estimate> fresh = {};
};

/// Of a plan for the mean and the tail of the total value (objective mean_cvar), in currency.
struct PlannedRisk {
    double mean = 0.0;  ///< of the total value under the plan, on the paths it was chosen on
    double cvar = 0.0;
    double objective_without = 0.0;  ///< what is maximised, of doing nothing
    double relaxed_bound = 0.0;
    bool converged = false;  ///< the bound is that of the relaxation to within the tolerance
    std::size_t evaluations = 0;
};

struct PlannedActions {
    ActionPlan plan;
    std::optional<UpliftTable> adjusted;  ///< the table with the objective that was maximised, where it was not profit
    std::optional<PlannedRisk> risk;      ///< with objective mean_cvar
    Certificate certificate;
    std::vector<EvaluatedPoint> frontier;
    std::vector<PolicyValue> policies;           ///< the plan first
    std::optional<PlannedMonths> months;         ///< absent where the table does not say
    std::optional<FreshFigures> fresh;           ///< absent for an uplift table from elsewhere
    std::size_t customers_with_added_paths = 0;  ///< with optimizer.added_paths
    PathTotals same_paths;  ///< what the plan changes on the paths it was chosen on; empty likewise
};

/// Of these actions; absent where the table does not say. Every action must be open to its customer.
[[nodiscard]] std::optional<PlannedMonths> planned_months(const UpliftTable& table,
                                                          std::span<const std::uint8_t> action);

/// The plan `action` and what it is compared with, by the table alone, as in PlannedActions::policies. `single` is the
/// action of best_single_action; empty: the one that earns most by the table.
[[nodiscard]] std::vector<PolicyValue> policies_by_table(const UpliftTable& table, std::optional<double> budget,
                                                         std::span<const std::uint8_t> action,
                                                         std::span<const std::uint8_t> current,
                                                         const std::string& single);

/// Throws Error with ExitCode::infeasible, naming the limits, if no plan keeps them.
void require_feasible(const ActionPlan& plan);

/// Mean, error and spread of what a policy changes.
[[nodiscard]] ProfitOnPaths profit_on_paths(const PathTotals& difference, const SimulationSettings& settings);

/// Throws ConfigError if a limit names an action, a segment or a column that simulations of these do not have, or keys
/// exclude each other: before they begin, not after.
void check_request(const OptimizerSettings& settings, const SimulationSettings& simulation,
                   const std::vector<std::string>& actions, const std::vector<std::string>& segments);
/// The same of all but the segments, which only customers have: before these are read.
void check_request(OptimizerSettings settings, const SimulationSettings& simulation,
                   const std::vector<std::string>& actions);

/// Plans, and values the plan and its frontier. `table` is what add_paths() has made of it. `current` is the present
/// policy [customer], empty: unknown; where its action is not open it counts as none. `simulator` may be null: no fresh
/// paths. Throws Error with ExitCode::infeasible, naming the limits, if no plan keeps them.
[[nodiscard]] PlannedActions decide(const UpliftTable& table, const OptimizerSettings& settings,
                                    const std::vector<std::uint8_t>& current, const PlanSimulator* simulator);

}  // namespace clv
