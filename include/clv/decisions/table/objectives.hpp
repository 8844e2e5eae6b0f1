#pragma once
// What a plan may maximise customer by customer instead of expected profit. Each transformation changes
// UpliftTable::objective and nothing else: expected_profit stays what it is, in plans, limits and reports.
//
// They compose in this order: a customer's own risk replaces the profit, doubt about effects is taken off, switching is
// charged. The doubt's unit is a standard deviation of the profit, the penalty's is currency, so neither depends on the
// other.

#include <cstdint>
#include <span>

#include "clv/decisions/table/optimizer_settings.hpp"
#include "clv/decisions/table/uplift_table.hpp"

namespace clv {

/// (1 - weight) x expected profit + weight x (CVaR of a customer's value with the action - CVaR without). `cvar` is
/// [action][customer], currency, of value under the action; it is looked at where an action is open. `weight` in 0..1;
/// 0 changes nothing. Weighs each customer as if they were all there is: what averages out over customers counts too.
/// Where doing nothing is not open, CVaR counts as it stands: the same amount more for all of a customer's actions.
/// Throws ConfigError if the weight is out of range, InputError if `cvar` is of another size or not finite.
void weigh_customer_risk(UpliftTable& table, std::span<const double> cvar, double weight);

/// Currency: what a plan (`action`, [customer]) adds to the CVaR of each customer's own value, added up: as if the bad
/// futures of all customers came at once. Not what it adds to the CVaR of the total. `cvar` as for weigh_customer_risk;
/// throws InputError if it is of another size.
[[nodiscard]] double added_customer_cvar(const UpliftTable& table, std::span<const double> cvar,
                                         std::span<const std::uint8_t> action);

/// Takes `robustness` x the standard deviation of an effect off every action but none. `effect_sd` is
/// [action][customer], currency, at least 0, looked at where an action is open. Where no better is known,
/// expected_profit_se serves: it covers what the paths leave open, Monte Carlo error and with it the effects' spread
/// divided by the number of paths; it does not cover that an effect itself was guessed wrongly. The result is the worst
/// case of a box in which every effect may be off by so much at once (Bertsimas and Sim 2004 with full protection).
/// Throws ConfigError if robustness is below 0, InputError if `effect_sd` is of another size, negative or not finite.
void guard_against_effects(UpliftTable& table, std::span<const double> effect_sd, double robustness);

/// Charges `penalty` (currency) for every action that is not the customer's current one, so that plans stay as they are
/// where little is to be gained. `current` is [customer], 0 = none; where that action is not open it counts as none.
/// Throws ConfigError if the penalty is below 0, InputError if `current` is of another size or names no action.
void charge_switching(UpliftTable& table, std::span<const std::uint8_t> current, double penalty);

/// All of these, as config section [optimizer] has them: CVaR is the table's, and effects are as uncertain as
/// expected_profit_se says. `current` as for charge_switching. Throws as they do; ConfigError also where CVaR, errors
/// or the current policy are needed and not known.
void adjust_objective(UpliftTable& table, const OptimizerSettings& settings, std::span<const std::uint8_t> current);

/// Whether adjust_objective changes anything.
[[nodiscard]] inline bool has_adjustments(const OptimizerSettings& settings) noexcept {
    return settings.customer_risk_weight > 0.0 || settings.robustness > 0.0 || settings.switching_penalty > 0.0;
}

}  // namespace clv
