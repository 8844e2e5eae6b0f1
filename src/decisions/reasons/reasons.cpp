#include "clv/decisions/reasons/reasons.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "plan_prices.hpp"

namespace clv {

using namespace decisions;

namespace {

/// "23.40 for a cost of 5.00, 4.68 per unit of cost"
std::string terms(double profit, double cost) {
    if (cost == 0.0) {
        return fmt::format("{:.2f} at no cost", profit);
    }
    if (cost < 0.0) {
        return fmt::format("{:.2f} and frees {:.2f} of the budget", profit, -cost);
    }
    return fmt::format("{:.2f} for a cost of {:.2f}, {:.2f} per unit of cost", profit, cost, profit / cost);
}

}  // namespace

std::string_view recommended_action(const ActionPlan& plan, std::size_t customer) noexcept {
    return plan.action[customer] != 0 ? "Invest" : "Ignore";
}

PlanReasons::PlanReasons(const UpliftTable& table, const ActionPlan& plan)
    : table_(table), plan_(plan), prices_(std::make_unique<PlanPrices>(table, plan)) {}

PlanReasons::~PlanReasons() = default;

template <class Value>
std::size_t PlanReasons::best_action(std::size_t customer, Value&& value) const {
    std::size_t best = 0;
    for (std::size_t a = 1; a < table_.actions.size(); ++a) {
        if (table_.is_open(customer, a) && (best == 0 || value(a) > value(best))) {
            best = a;
        }
    }
    return best;
}

std::string PlanReasons::of(std::size_t customer) const {
    if (table_.has_left(customer)) {
        return std::string(reason_of_leaving);
    }
    const bool has_limits = plan_.limits.size() > (plan_.budget ? 1U : 0U);
    return has_limits || !table_.objective.empty() ? under_limits(customer) : under_a_budget(customer);
}

std::string PlanReasons::under_a_budget(std::size_t customer) const {
    const double cut_off = plan_.multiplier();
    const std::size_t chosen = plan_.action[customer];
    if (chosen != 0) {
        const double earned = profit(customer, chosen);
        const double paid = cost(customer, chosen);
        const std::string offer = fmt::format("{} earns {}", table_.actions[chosen], terms(earned, paid));
        if (paid <= 0.0) {
            return offer;
        }
        if (cut_off == 0.0) {
            return offer + ", the most of all actions open to the customer";
        }
        return earned >= cut_off * paid
                   ? fmt::format("{} (cut-off {:.2f})", offer, cut_off)
                   : fmt::format("{}: below the cut-off of {:.2f}, but it fits what is left of the budget", offer,
                                 cut_off);
    }

    const std::size_t best = best_action(customer, [&](std::size_t a) { return profit(customer, a); });
    if (best == 0) {
        return "no action is open to the customer";
    }
    std::size_t steepest = 0;  // the action that earns most per unit of cost
    for (std::size_t a = 1; a < table_.actions.size(); ++a) {
        if (table_.is_open(customer, a) && profit(customer, a) > 0.0 &&
            (steepest == 0 ||
             profit(customer, a) * cost(customer, steepest) > profit(customer, steepest) * cost(customer, a))) {
            steepest = a;
        }
    }
    if (steepest == 0) {
        return fmt::format("no action earns more than it costs: the best, {}, changes profit by {:.2f}",
                           table_.actions[best], profit(customer, best));
    }
    const double paid = cost(customer, steepest);
    const std::string offer =
        fmt::format("{} would earn {}", table_.actions[steepest], terms(profit(customer, steepest), paid));
    if (plan_.budget.has_value() && paid > *plan_.budget) {
        return fmt::format("{}: more than the whole budget of {:.2f}", offer, *plan_.budget);
    }
    return profit(customer, steepest) < cut_off * paid
               ? fmt::format("{}: below the cut-off of {:.2f} that the budget sets", offer, cut_off)
               : fmt::format("{}: not below the cut-off of {:.2f}, but it no longer fits the budget", offer, cut_off);
}

/// Everything is compared at the prices of the limits.
std::string PlanReasons::under_limits(std::size_t customer) const {
    const auto worth = [&](std::size_t action) { return prices_->worth(customer, action); };
    std::string terms_and_prices;
    for (const std::string& term : table_.objective_terms) {
        terms_and_prices += (terms_and_prices.empty() ? ", counting " : " and ") + term;
    }
    if (prices_->has_prices()) {
        terms_and_prices += terms_and_prices.empty() ? " at the prices of the limits" : ", at the prices of the limits";
    }
    const std::size_t chosen = plan_.action[customer];
    const bool has_risk = !table_.clv_cvar.empty() && table_.is_open(customer, 0);
    const auto offer = [&](std::size_t action, const char* verb) {
        std::string words = fmt::format("{} {} {}", table_.actions[action], verb,
                                        terms(profit(customer, action), cost(customer, action)));
        if (has_risk) {
            words += fmt::format(", CVaR {:+.2f}", table_.clv_cvar[table_.cell(customer, action)] -
                                                       table_.clv_cvar[table_.cell(customer, 0)]);
        }
        return words;
    };
    // The best of the others, doing nothing among them where that is open.
    std::size_t other = table_.actions.size();
    for (std::size_t a = 0; a < table_.actions.size(); ++a) {
        if (a != chosen && table_.is_open(customer, a) && (other == table_.actions.size() || worth(a) > worth(other))) {
            other = a;
        }
    }
    const bool has_other = other != table_.actions.size();
    if (chosen != 0) {
        if (!has_other) {
            return offer(chosen, "earns") + ": nothing else is open to the customer";
        }
        const double ahead = worth(chosen) - worth(other);
        return ahead >= 0.0 ? fmt::format("{}: worth {:.2f} more than {}{}", offer(chosen, "earns"), ahead,
                                          table_.actions[other], terms_and_prices)
                            : fmt::format("{}: worth {:.2f} less than {}{}, but it fits what is left of the limits",
                                          offer(chosen, "earns"), -ahead, table_.actions[other], terms_and_prices);
    }
    if (!has_other) {
        return "no action is open to the customer";
    }
    const double ahead = worth(0) - worth(other);
    return ahead >= 0.0 ? fmt::format("{}: worth {:.2f} less than doing nothing{}", offer(other, "would earn"), ahead,
                                      terms_and_prices)
                        : fmt::format("{}: worth {:.2f} more than doing nothing{}, but it no longer fits the limits",
                                      offer(other, "would earn"), -ahead, terms_and_prices);
}

}  // namespace clv
