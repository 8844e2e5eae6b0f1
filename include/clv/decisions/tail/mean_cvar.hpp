#pragma once
// Plans for the total's bad paths as well as for its mean: (1 - w) mean + w CVaR of the total value under the plan.
//
// CVaR is the least mean over path weights q with 0 <= q_s <= 1 / (level x paths) and sum 1 (Rockafellar and Uryasev
// 2000), so the best plan is one side of a game: max over plans, min over q, of the mean under p = (1 - w) / paths +
// w q. For a given q the best plan is a knapsack over profits weighted by p, and its bound holds for every plan. Each
// such evaluation also gives columns: what the plan earns with each group of customers, path by path. The next q is the
// best answer to all mixtures of columns within the limits, group by group (Dantzig and Wolfe 1960; cuts of several
// parts, Birge and Louveaux 1988), found by an interior point, which lies well inside the set of answers. Nothing of
// size customers x paths is kept.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clv/decisions/solver/optimizer.hpp"
#include "clv/decisions/table/uplift_table.hpp"

namespace clv {

/// A portfolio's paths, asked for as needed. The same question has the same answer.
class PortfolioPaths {
  public:
    virtual ~PortfolioPaths() = default;
    [[nodiscard]] virtual std::size_t paths() const = 0;
    /// [path], currency: total value if nobody gets an action.
    [[nodiscard]] virtual std::vector<double> value_under_none() = 0;
    /// [action][customer], currency, like UpliftTable::expected_profit: means under `weights` ([path], at least 0, sum
    /// 1).
    [[nodiscard]] virtual std::vector<double> weighted_profit(std::span<const double> weights) = 0;
    /// [path], currency: what the actions of these customers (0 = none) add to the total.
    [[nodiscard]] virtual std::vector<double> gain(std::span<const std::uint8_t> action) = 0;
};

struct MeanCvarSettings {
    double risk_weight = 0.5;   ///< w: of CVaR, 0..1
    double cvar_level = 0.05;   ///< in (0, 1)
    double tolerance = 1.0e-6;  ///< of the bound: gap to the best mixture of plans, relative to what it gains over
                                ///< doing nothing
    int most_evaluations = 100;
    /// Customers are divided by their ids; with 1 there is one cut per evaluation. Work between evaluations grows with
    /// its square.
    std::size_t groups = 16;
};

/// Where the search stood after an evaluation.
struct MeanCvarStep {
    double relaxed_bound = 0.0;  ///< currency: the least so far
    double mixture = 0.0;        ///< currency: of the best mixture of plans so far, within the limits on average
};

struct MeanCvarPlan {
    /// `objective` is (1 - w) mean + w CVaR of the total value under the plan, doing nothing included. `relaxed_bound`
    /// is of the linear relaxation, in which a customer may be split between actions; `upper_bound` of whole plans.
    ActionPlan plan;
    double mean = 0.0;                    ///< currency: of the total value under the plan
    double cvar = 0.0;                    ///< currency
    double objective_without = 0.0;       ///< currency: of doing nothing
    bool converged = false;               ///< the bound is that of the relaxation to within the tolerance
    std::vector<MeanCvarStep> steps;      ///< one per evaluation; all but the first need one simulation of all actions
    std::vector<double> path_weights;     ///< [path], p at which the bound was found
    std::vector<double> weighted_profit;  ///< [action][customer], currency: under those weights, what an action adds
};

/// Mean of the worst `level` of the values, the last of them in part (Acerbi and Tasche 2002). At least one value.
[[nodiscard]] double cvar_of(std::span<const double> values, double level);

/// The best plan found, and a bound for all. `table` is of the same paths; its expected_profit keeps its meaning and is
/// what limits count; its objective is not looked at. Throws what plan_actions throws, and ConfigError where a setting
/// is out of range.
[[nodiscard]] MeanCvarPlan plan_mean_cvar(const UpliftTable& table, PortfolioPaths& portfolio,
                                          const OptimizerSettings& settings, const MeanCvarSettings& risk);

}  // namespace clv
