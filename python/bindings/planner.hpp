#pragma once
// Plans for one table again and again, as fast as a slider moves.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clv/decisions/reasons/reasons.hpp"
#include "clv/decisions/solver/optimizer.hpp"
#include "clv/decisions/table/optimizer_settings.hpp"
#include "clv/decisions/table/uplift_table.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv::python {

/// A plan, with the table that it is of.
class Plan {
  public:
    Plan(std::shared_ptr<const UpliftTable> table, std::shared_ptr<const std::vector<double>> cvar, ActionPlan plan)
        : table_(std::move(table)), cvar_(std::move(cvar)), plan_(std::move(plan)) {}

    [[nodiscard]] const UpliftTable& table() const noexcept { return *table_; }
    [[nodiscard]] const ActionPlan& plan() const noexcept { return plan_; }
    /// Of every customer, under the plan.
    [[nodiscard]] const std::vector<double>& costs();
    [[nodiscard]] const std::vector<double>& expected_profits();
    [[nodiscard]] const std::vector<double>& expected_profit_errors();
    /// added_customer_cvar; none where CVaR is not known.
    [[nodiscard]] std::optional<double> added_cvar() const;
    [[nodiscard]] const std::vector<double>& added_months();
    /// Over all customers; absent where the table does not say.
    [[nodiscard]] std::optional<double> total_added_months();
    /// The word on customers `first` to `last` - 1.
    [[nodiscard]] std::vector<std::string> reasons(std::size_t first, std::size_t last);

  private:
    const std::vector<double>& chosen(const std::vector<double>& matrix, std::vector<double>& values) const;

    std::shared_ptr<const UpliftTable> table_;
    std::shared_ptr<const std::vector<double>> cvar_;
    ActionPlan plan_;
    std::vector<double> costs_;
    std::vector<double> profits_;
    std::vector<double> errors_;
    std::vector<double> months_;
    std::unique_ptr<PlanReasons> reasons_;
};

class Planner {
  public:
    explicit Planner(UpliftTable table)
        : cvar_(std::make_shared<const std::vector<double>>(std::exchange(table.clv_cvar, {}))),
          table_(std::make_shared<const UpliftTable>(std::move(table))),
          planner_(*table_) {}

    [[nodiscard]] const UpliftTable& table() const noexcept { return *table_; }
    /// Throws ConfigError, InputError where optimizer.current has a fault, and Error with ExitCode::infeasible.
    [[nodiscard]] std::unique_ptr<Plan> plan(const OptimizerSettings& settings, Terminal& terminal) const;
    [[nodiscard]] Frontier frontier(std::size_t points) const { return planner_.frontier(points); }

  private:
    std::shared_ptr<const std::vector<double>> cvar_;  ///< the table's, which has it only where a plan counts it
    std::shared_ptr<const UpliftTable> table_;
    ActionPlanner planner_;
};

}  // namespace clv::python
