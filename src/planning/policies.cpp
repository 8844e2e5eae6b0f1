#include "policies.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "clv/core/progress.hpp"
#include "clv/decisions/table/exact_limits.hpp"
#include "clv/risk/fixed_point.hpp"

namespace clv {

bool everybody_may_do_nothing(const UpliftTable& table) {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (!table.is_open(i, 0)) {
            return false;
        }
    }
    return true;
}

PolicyValue value_by_table(std::string policy, const UpliftTable& table, std::span<const std::uint8_t> action) {
    PolicyValue value;
    value.policy = std::move(policy);
    OrderFreeSum cost;
    OrderFreeSum profit;
    OrderFreeSum months;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const std::size_t cell = table.cell(i, action[i]);
        cost.add(table.cost[cell]);
        profit.add(table.expected_profit[cell]);
        if (!table.added_months.empty()) {
            months.add(table.added_months[cell]);
        }
        value.customers += action[i] != 0 ? 1 : 0;
    }
    value.cost = cost.value();
    value.expected_profit = profit.value();
    if (!table.added_months.empty()) {
        value.added_months = months.value();
    }
    return value;
}

std::vector<std::uint8_t> open_policy(const UpliftTable& table, std::span<const std::uint8_t> current) {
    std::vector<std::uint8_t> action(current.begin(), current.end());
    for (std::size_t i = 0; i < table.size(); ++i) {
        action[i] = table.is_open(i, action[i]) ? action[i] : std::uint8_t{0};
    }
    return action;
}

std::vector<std::uint8_t> single_action(const UpliftTable& table, std::uint8_t action, std::optional<double> budget) {
    struct Candidate {
        double profit;
        double cost;
        std::size_t customer;
    };
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const std::size_t cell = table.cell(i, action);
        if (table.is_open(i, action)) {
            candidates.push_back({table.expected_profit[cell], table.cost[cell], i});
        }
    }
    std::ranges::sort(candidates, [&](const Candidate& a, const Candidate& b) {
        throw_if_interrupted();
        const bool a_is_free = a.cost <= 0.0;
        const bool b_is_free = b.cost <= 0.0;
        if (a_is_free != b_is_free) {
            return a_is_free;
        }
        if (!a_is_free && a.profit * b.cost != b.profit * a.cost) {
            return a.profit * b.cost > b.profit * a.cost;
        }
        return table.customer_id[a.customer] < table.customer_id[b.customer];
    });
    std::vector<std::uint8_t> assignment(table.size(), 0);
    Allowance allowance(budget.value_or(0.0));
    for (const Candidate& candidate : candidates) {
        allowance.add(candidate.cost);
    }
    const double allowed = allowance.total();
    OrderFreeSum spent;
    double nearly = 0.0;  // the same, rounded at every step
    double size = 0.0;
    for (const Candidate& candidate : candidates) {
        spent.add(candidate.cost);
        nearly += candidate.cost;
        size += std::abs(candidate.cost);
        constexpr double rounding = 1.0e-6;  // of 2^32 steps, and more
        const bool is_close = budget && nearly > *budget - rounding * (size + *budget);
        if (is_close && !keeps_most(spent, *budget, allowed)) {
            break;
        }
        assignment[candidate.customer] = action;
    }
    return assignment;
}

std::vector<PolicyValue> policies_by_table(const UpliftTable& table, std::optional<double> budget,
                                           std::span<const std::uint8_t> action, std::span<const std::uint8_t> current,
                                           const std::string& single) {
    std::vector<PolicyValue> policies{value_by_table("plan", table, action)};
    if (!everybody_may_do_nothing(table)) {
        return policies;
    }
    policies.push_back(value_by_table("do_nothing", table, std::vector<std::uint8_t>(table.size(), 0)));
    if (!current.empty()) {
        policies.push_back(value_by_table("current", table, open_policy(table, current)));
    }
    std::optional<PolicyValue> best;
    for (std::size_t a = 1; a < table.actions.size(); ++a) {
        if (!single.empty() && table.actions[a] != single) {
            continue;
        }
        PolicyValue value =
            value_by_table("best_single_action", table, single_action(table, static_cast<std::uint8_t>(a), budget));
        value.action = table.actions[a];
        if (!best || value.expected_profit > best->expected_profit) {
            best = std::move(value);
        }
    }
    if (best) {
        policies.push_back(std::move(*best));
    }
    return policies;
}

}  // namespace clv
