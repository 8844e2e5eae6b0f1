#include "clv/decisions/table/objectives.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/risk/fixed_point.hpp"

namespace clv {

namespace {

void require_size(const UpliftTable& table, std::size_t found, std::size_t wanted, std::string_view what) {
    if (found != wanted) {
        throw InputError(fmt::format("{} figures of {} (uplift) for {} customers and {} actions: give {}", found, what,
                                     table.size(), table.actions.size(), wanted));
    }
}

[[noreturn]] void refuse_figure(const UpliftTable& table, std::size_t customer, std::size_t action, double figure,
                                std::string_view what) {
    throw InputError(fmt::format("{} is {} (uplift, customer {}, action {}): give {}", what, figure,
                                 table.customer_id[customer], table.actions[action],
                                 action == 0 ? "a row none with that of doing nothing" : "a finite amount"));
}

/// From expected profit, where nothing has changed it yet.
void begin(UpliftTable& table, std::string term) {
    if (table.objective.empty()) {
        table.objective = table.expected_profit;
    }
    table.objective_terms.push_back(std::move(term));
}

}  // namespace

void weigh_customer_risk(UpliftTable& table, std::span<const double> cvar, double weight) {
    if (!(weight >= 0.0 && weight <= 1.0)) {
        throw ConfigError(
            fmt::format("a risk weight of {} (optimizer.customer_risk_weight): give a share from 0 to 1", weight));
    }
    require_size(table, cvar.size(), table.expected_profit.size(), "CVaR");
    if (weight == 0.0) {
        return;
    }
    begin(table, fmt::format("CVaR at a weight of {:.2f}", weight));
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double without = table.is_open(i, 0) ? cvar[table.cell(i, 0)] : 0.0;
        if (!std::isfinite(without)) {
            refuse_figure(table, i, 0, without, "CVaR");
        }
        for (std::size_t a = 1; a < table.actions.size(); ++a) {
            const std::size_t cell = table.cell(i, a);
            if (!table.is_open(i, a)) {
                continue;
            }
            if (!std::isfinite(cvar[cell])) {
                refuse_figure(table, i, a, cvar[cell], "CVaR");
            }
            table.objective[cell] = (1.0 - weight) * table.objective[cell] + weight * (cvar[cell] - without);
        }
    }
}

double added_customer_cvar(const UpliftTable& table, std::span<const double> cvar,
                           std::span<const std::uint8_t> action) {
    require_size(table, cvar.size(), table.expected_profit.size(), "CVaR");
    OrderFreeSum added;
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (table.is_open(i, 0)) {
            added.add(-cvar[table.cell(i, 0)]);
        }
        added.add(cvar[table.cell(i, action[i])]);
    }
    return added.value();
}

void guard_against_effects(UpliftTable& table, std::span<const double> effect_sd, double robustness) {
    if (!(robustness >= 0.0 && std::isfinite(robustness))) {
        throw ConfigError(
            fmt::format("a robustness of {} (optimizer.robustness): give a number of standard deviations of at least 0",
                        robustness));
    }
    require_size(table, effect_sd.size(), table.expected_profit.size(), "standard deviations");
    if (robustness == 0.0) {
        return;
    }
    begin(table, fmt::format("{:.2f} standard errors off", robustness));
    for (std::size_t i = 0; i < table.size(); ++i) {
        for (std::size_t a = 1; a < table.actions.size(); ++a) {
            const std::size_t cell = table.cell(i, a);
            if (!table.is_open(i, a)) {
                continue;
            }
            if (!(effect_sd[cell] >= 0.0 && std::isfinite(effect_sd[cell]))) {
                refuse_figure(table, i, a, effect_sd[cell], "the standard deviation");
            }
            table.objective[cell] -= robustness * effect_sd[cell];
        }
    }
}

void charge_switching(UpliftTable& table, std::span<const std::uint8_t> current, double penalty) {
    if (!(penalty >= 0.0 && std::isfinite(penalty))) {
        throw ConfigError(
            fmt::format("a penalty of {} (optimizer.switching_penalty): give an amount of at least 0", penalty));
    }
    require_size(table, current.size(), table.size(), "current actions");
    if (penalty == 0.0) {
        return;
    }
    begin(table, fmt::format("{:.2f} off for a switch", penalty));
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (current[i] >= table.actions.size()) {
            throw InputError(fmt::format("current action number {} (uplift, customer {}): there are {} actions",
                                         current[i], table.customer_id[i], table.actions.size()));
        }
        const std::size_t kept = table.is_open(i, current[i]) ? current[i] : 0;
        for (std::size_t a = 0; a < table.actions.size(); ++a) {
            if (a != kept && table.is_open(i, a)) {
                table.objective[table.cell(i, a)] -= penalty;
            }
        }
    }
}

void adjust_objective(UpliftTable& table, const OptimizerSettings& settings, std::span<const std::uint8_t> current) {
    if (settings.customer_risk_weight > 0.0) {
        if (table.clv_cvar.empty()) {
            throw ConfigError(
                "optimizer.customer_risk_weight needs the CVaR of value under every action, which the uplift table "
                "does not have: give a column clv_cvar05, or leave customer_risk_weight out");
        }
        weigh_customer_risk(table, table.clv_cvar, settings.customer_risk_weight);
    }
    if (settings.robustness > 0.0) {
        if (table.expected_profit_se.empty()) {
            throw ConfigError(
                "optimizer.robustness needs standard errors, which the uplift table does not have: give a column "
                "expected_profit_se, or leave robustness out");
        }
        guard_against_effects(table, table.expected_profit_se, settings.robustness);
    }
    if (settings.switching_penalty > 0.0) {
        if (current.empty()) {
            throw ConfigError(
                "optimizer.switching_penalty needs to know what is done today: name a file customer_id, action in "
                "optimizer.current, such as the last plan.csv");
        }
        charge_switching(table, current, settings.switching_penalty);
    }
}

}  // namespace clv
