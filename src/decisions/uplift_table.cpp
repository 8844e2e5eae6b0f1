#include "clv/decisions/uplift_table.hpp"

#include <fmt/format.h>

#include "clv/core/errors.hpp"

namespace clv {

UpliftTable make_uplift_table(const IdColumn& customer_id, const SimulationPlan& plan, const SimulationResult& result) {
    if (result.uplift.size() != plan.actions.size()) {
        throw ModelError(fmt::format("{} simulated actions for a plan of {} (uplift table): simulate the plan itself",
                                     result.uplift.size(), plan.actions.size()));
    }
    UpliftTable table;
    table.customer_id = customer_id;
    table.actions.emplace_back("none");
    for (const Action& action : plan.actions) {
        table.actions.push_back(action.name);
    }
    const std::size_t cells = customer_id.size() * table.actions.size();
    table.expected_profit.assign(cells, 0.0);
    table.cost.assign(cells, 0.0);
    table.expected_profit_se.assign(cells, 0.0);
    table.eligible.assign(cells, 1);
    for (std::size_t a = 0; a < plan.actions.size(); ++a) {
        const UpliftSummary& uplift = result.uplift[a];
        if (uplift.expected_profit.size() != customer_id.size()) {
            throw ModelError(
                fmt::format("{} simulated customers for {} in the table (uplift table, action {}): simulate "
                            "the same customers",
                            uplift.expected_profit.size(), customer_id.size(), plan.actions[a].name));
        }
        for (std::size_t i = 0; i < customer_id.size(); ++i) {
            const std::size_t cell = table.cell(i, a + 1);
            table.expected_profit[cell] = uplift.expected_profit[i];
            table.cost[cell] = uplift.cost[i];
            table.expected_profit_se[cell] = uplift.expected_profit_se[i];
            table.eligible[cell] = plan.eligible.empty() || ((plan.eligible[i] >> a) & 1U) != 0 ? 1 : 0;
        }
    }
    return table;
}

}  // namespace clv
