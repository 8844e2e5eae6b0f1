#include "plan_prices.hpp"

namespace clv::decisions {

PlanPrices::PlanPrices(const UpliftTable& table, const ActionPlan& plan) : table_(table) {
    OptimizerSettings settings;
    settings.budget = plan.budget;
    for (const LimitUse& limit : plan.limits) {
        if (limit.name != "budget") {
            settings.limits.push_back(limit.as_set);
        }
    }
    const std::vector<LimitRow> rows = limit_rows(table, settings);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        if (plan.limits[r].multiplier != 0.0) {
            binding_.push_back({rows[r].column, plan.limits[r].multiplier});
        }
    }
}

double PlanPrices::worth(std::size_t customer, std::size_t action) const {
    double value = table_.maximised()[table_.cell(customer, action)];
    for (const Priced& limit : binding_) {
        value -= limit.multiplier * limit.column.weight(table_, customer, action);
    }
    return value;
}

}  // namespace clv::decisions
