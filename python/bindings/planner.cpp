#include "planner.hpp"

#include <utility>

#include "clv/core/errors.hpp"
#include "clv/decisions/objectives.hpp"
#include "clv/pipeline/planned_actions.hpp"
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

const std::vector<double>& Plan::added_months() {
    return chosen(table_->added_months, months_);
}

std::optional<double> Plan::total_added_months() {
    if (table_->added_months.empty()) {
        return std::nullopt;
    }
    OrderFreeSum sum;
    for (const double months : added_months()) {
        sum.add(months);
    }
    return sum.value();
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

std::unique_ptr<Plan> Planner::plan(const OptimizerSettings& settings) const {
    if (settings.objective == Objective::mean_cvar) {
        throw ConfigError(
            "objective = \"mean_cvar\" needs paths, which a table of uplifts does not have: use clvsim.optimize with "
            "an output folder, or \"profit\"");
    }
    if (!has_adjustments(settings)) {
        ActionPlan plan = planner_.plan(settings);
        require_feasible(plan);
        return std::make_unique<Plan>(table_, std::move(plan));
    }
    auto adjusted = std::make_shared<UpliftTable>(*table_);
    adjust_objective(*adjusted, settings, {});
    ActionPlan plan = plan_actions(*adjusted, settings);
    require_feasible(plan);
    return std::make_unique<Plan>(std::move(adjusted), std::move(plan));
}

}  // namespace clv::python
