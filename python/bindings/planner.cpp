#include "planner.hpp"

#include <cstdint>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/decisions/table/objectives.hpp"
#include "clv/pipeline/current_policy.hpp"
#include "clv/planning/planned_actions.hpp"
#include "clv/risk/fixed_point.hpp"

namespace clv::python {

const std::vector<double>& Plan::chosen(const std::vector<double>& matrix, std::vector<double>& values) const {
    if (values.empty() && !matrix.empty()) {
        values.reserve(table_->size());
        for (std::size_t i = 0; i < table_->size(); ++i) {
            values.push_back(matrix[table_->cell(i, plan_.action[i])]);
        }
    }
    return values;
}

const std::vector<double>& Plan::costs() {
    return chosen(table_->cost, costs_);
}

const std::vector<double>& Plan::expected_profits() {
    return chosen(table_->expected_profit, profits_);
}

const std::vector<double>& Plan::expected_profit_errors() {
    return chosen(table_->expected_profit_se, errors_);
}

std::optional<double> Plan::added_cvar() const {
    return cvar_->empty() ? std::nullopt : std::optional(added_customer_cvar(*table_, *cvar_, plan_.action));
}

const std::vector<double>& Plan::added_months() {
    return chosen(table_->added_months, months_);
}

std::optional<double> Plan::total_added_months() {
    return table_->added_months.empty() ? std::nullopt : std::optional(order_free_sum(added_months()));
}

std::vector<std::string> Plan::reasons(std::size_t first, std::size_t last) {
    if (!reasons_) {
        reasons_ = std::make_unique<PlanReasons>(*table_, plan_);
    }
    std::vector<std::string> texts;
    texts.reserve(last - first);
    for (std::size_t i = first; i < last; ++i) {
        texts.push_back(reasons_->of(i));
    }
    return texts;
}

std::unique_ptr<Plan> Planner::plan(const OptimizerSettings& settings, Terminal& terminal) const {
    if (settings.objective == Objective::mean_cvar) {
        throw ConfigError(
            "objective = \"mean_cvar\" needs paths, which a table of uplifts does not have: use clvsim.optimize with "
            "an output folder, or \"profit\"");
    }
    if (!has_adjustments(settings)) {
        ActionPlan plan = planner_.plan(settings);
        require_feasible(plan);
        return std::make_unique<Plan>(table_, cvar_, std::move(plan));
    }
    std::vector<std::uint8_t> current;
    if (settings.switching_penalty > 0.0) {
        current = current_policy(settings.current, table_->customer_id, table_->actions, terminal);
    }
    auto adjusted = std::make_shared<UpliftTable>(*table_);
    if (settings.customer_risk_weight > 0.0) {
        adjusted->clv_cvar = *cvar_;
    }
    adjust_objective(*adjusted, settings, current);
    ActionPlan plan = plan_actions(*adjusted, settings);
    require_feasible(plan);
    return std::make_unique<Plan>(std::move(adjusted), cvar_, std::move(plan));
}

}  // namespace clv::python
