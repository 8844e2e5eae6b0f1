#include <fmt/format.h>

#include "clv/decisions/optimizer.hpp"

namespace clv {
namespace {

/// "23.40 for a cost of 5.00, 4.68 per unit of cost"
std::string terms(double profit, double cost) {
    if (cost == 0.0) {
        return fmt::format("{:.2f} at no cost", profit);
    }
    return fmt::format("{:.2f} for a cost of {:.2f}, {:.2f} per unit of cost", profit, cost, profit / cost);
}

}  // namespace

std::string_view recommended_action(const ActionPlan& plan, std::size_t customer) noexcept {
    return plan.action[customer] != 0 ? "Invest" : "Ignore";
}

std::string reason(const UpliftTable& table, const ActionPlan& plan, std::size_t customer) {
    const auto profit = [&](std::size_t action) { return table.expected_profit[table.cell(customer, action)]; };
    const auto cost = [&](std::size_t action) { return table.cost[table.cell(customer, action)]; };
    const std::size_t chosen = plan.action[customer];
    if (chosen != 0) {
        const std::string offer =
            fmt::format("{} earns {}", table.actions[chosen], terms(profit(chosen), cost(chosen)));
        if (cost(chosen) == 0.0) {
            return offer;
        }
        if (plan.multiplier() == 0.0) {
            return offer + ", the most of all actions open to the customer";
        }
        return profit(chosen) >= plan.multiplier() * cost(chosen)
                   ? fmt::format("{} (cut-off {:.2f})", offer, plan.multiplier())
                   : fmt::format("{}: below the cut-off of {:.2f}, but it fits what is left of the budget", offer,
                                 plan.multiplier());
    }

    std::size_t best = 0;      // the action that earns most, or loses least
    std::size_t steepest = 0;  // the action that earns most per unit of cost
    for (std::size_t a = 1; a < table.actions.size(); ++a) {
        if (!table.is_open(customer, a)) {
            continue;
        }
        if (best == 0 || profit(a) > profit(best)) {
            best = a;
        }
        if (profit(a) > 0.0 && (steepest == 0 || profit(a) * cost(steepest) > profit(steepest) * cost(a))) {
            steepest = a;
        }
    }
    if (best == 0) {
        return "no action is open to the customer";
    }
    if (steepest == 0) {
        return fmt::format("no action earns more than it costs: the best, {}, changes profit by {:.2f}",
                           table.actions[best], profit(best));
    }
    const std::string offer =
        fmt::format("{} would earn {}", table.actions[steepest], terms(profit(steepest), cost(steepest)));
    if (plan.budget.has_value() && cost(steepest) > *plan.budget) {
        return fmt::format("{}: more than the whole budget of {:.2f}", offer, *plan.budget);
    }
    return profit(steepest) < plan.multiplier() * cost(steepest)
               ? fmt::format("{}: below the cut-off of {:.2f} that the budget sets", offer, plan.multiplier())
               : fmt::format("{}: not below the cut-off of {:.2f}, but it no longer fits the budget", offer,
                             plan.multiplier());
}

}  // namespace clv
