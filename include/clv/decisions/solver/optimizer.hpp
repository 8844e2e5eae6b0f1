#pragma once
// Which action for which customer under a budget and other linear limits: the multiple-choice knapsack.
//
// Lagrange's relaxation prices every limit with a multiplier: for given multipliers each customer takes the action of
// highest profit minus priced use, independently of all others, and the sum over customers plus the priced limits is a
// bound that no plan exceeds. The best multipliers give the bound of the linear relaxation (Kellerer, Pferschy,
// Pisinger 2004, ch. 11). Most customers choose the same action at all multipliers anywhere near the best ones; the
// plan is finished on the few others.
//
// Money is added up in fixed point, so the plan and its totals do not depend on the order of customers.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clv/decisions/solver/frontier.hpp"
#include "clv/decisions/table/optimizer_settings.hpp"
#include "clv/decisions/table/uplift_table.hpp"

namespace clv {

enum class PlanStatus {
    optimal,    ///< no plan within the limits earns more
    bounded,    ///< within relative_gap of the best
    infeasible  ///< no plan keeps the limits: `conflict` says which of them; where it is empty, none was found
};

/// A limit and what the plan makes of it. The budget comes first where there is one, under the name "budget".
struct LimitUse {
    std::string name;
    double used = 0.0;          ///< in the unit of the limit's column; of min_roi: profit - min_roi x cost
    std::optional<double> min;  ///< as set; of min_roi: 0
    std::optional<double> max;
    double multiplier = 0.0;  ///< what one more unit of room would add to the objective: above 0 where max binds,
                              ///< below 0 where min does
    PlanLimit as_set;         ///< what the configuration says; of the budget only its name
};

struct ActionPlan {
    PlanStatus status = PlanStatus::bounded;
    std::vector<std::uint8_t> action;  ///< of every customer, 0 = none: a SimulationPlan's assignment
    std::size_t invested = 0;          ///< customers with an action
    double cost = 0.0;                 ///< currency; at most the budget
    double expected_profit = 0.0;      ///< currency
    double objective = 0.0;            ///< what was maximised: expected_profit, unless the table says otherwise
    double relaxed_bound = 0.0;        ///< of Lagrange's relaxation at the multipliers: anyone can recompute it
    double upper_bound = 0.0;          ///< no plan within the limits has a higher objective: relaxed_bound, or less
                                       ///< where a search has shown it
    double objective_without = 0.0;    ///< of doing nothing, or where that is not open of the cheapest choice
    double relative_gap = 0.0;         ///< relative_gap_of these three
    std::vector<LimitUse> limits;
    std::vector<std::string> conflict;  ///< infeasible: limits that cannot be kept together, and could be without any
                                        ///< one of them
    std::optional<double> budget;       ///< currency; absent: no cap

    /// The cut-off: objective of one more unit of budget; 0 without a budget, or where it pays for everything.
    [[nodiscard]] double multiplier() const noexcept {
        return budget.has_value() && !limits.empty() ? limits.front().multiplier : 0.0;
    }
};

/// What a plan may lack of the bound as a share of what can be gained over doing nothing: (upper_bound - objective) /
/// |upper_bound - objective_without|, or / |objective - objective_without| where limits force losses and that is more.
[[nodiscard]] double relative_gap_of(double upper_bound, double objective, double objective_without) noexcept;

/// [customer]: doing nothing, or where that is not open the cheapest action, the better of equals.
[[nodiscard]] std::vector<std::uint8_t> least_actions(const UpliftTable& table);

/// Sets the figures of a plan that follow from its actions: customers, cost, profit and the use of its limits.
void recount(ActionPlan& plan, const UpliftTable& table);

/// Checks a table once and plans with it as often as wanted. The table must outlive it, unchanged.
class ActionPlanner {
  public:
    /// Throws InputError if an open figure is not a finite number, a customer has nothing open, or the table is
    /// malformed.
    explicit ActionPlanner(const UpliftTable& table);
    ~ActionPlanner();
    ActionPlanner(const ActionPlanner&) = delete;
    ActionPlanner& operator=(const ActionPlanner&) = delete;

    /// As plan_actions.
    [[nodiscard]] ActionPlan plan(const OptimizerSettings& settings) const;
    /// As efficient_frontier.
    [[nodiscard]] Frontier frontier(std::size_t points, bool with_stages = false) const;

  private:
    struct Prepared;
    const UpliftTable& table_;
    std::unique_ptr<Prepared> prepared_;
};

/// The best plan to within relative_gap. With `settings.exact` it is proven optimal where the search ends in time;
/// status says so. Ties go to cheaper actions and smaller customer_ids. Throws InputError if an open figure is not a
/// finite number or the table is malformed, ConfigError if the budget or a limit is wrong or names what is not there.
[[nodiscard]] ActionPlan plan_actions(const UpliftTable& table, const OptimizerSettings& settings);

}  // namespace clv
