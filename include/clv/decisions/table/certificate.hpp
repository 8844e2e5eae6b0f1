#pragma once
// A plan's certificate: what it claims, and its check from the uplift table alone. The check shares no code with the
// optimizer. It adds up spend, profit and every limit, and evaluates Lagrange's dual at the multipliers: for any
// multipliers mu that is a bound on the objective of every plan within the limits,
//
//     sum over limits r of (mu_r > 0 ? mu_r max_r : mu_r min_r)
//   + sum over customers of the largest (objective - sum over r of mu_r use_r) among their open actions.
//
// The budget is a limit like the others. min_roi = k limits profit - k x cost to at least 0. The objective is made of
// the table's columns here, term by term; UpliftTable::objective is not looked at.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clv/decisions/solver/optimizer.hpp"
#include "clv/decisions/table/optimizer_settings.hpp"
#include "clv/decisions/table/uplift_table.hpp"

namespace clv {

/// A limit as it was set, what the plan uses of it and its multiplier (LimitUse).
struct CertifiedLimit {
    PlanLimit limit;
    double used = 0.0;
    double multiplier = 0.0;
};

struct Certificate {
    PlanStatus status = PlanStatus::bounded;
    Objective objective_kind = Objective::profit;
    double cost = 0.0;           ///< currency, as the figures below
    double profit = 0.0;         ///< expected profit
    double objective = 0.0;      ///< what was maximised
    double upper_bound = 0.0;    ///< no plan within the limits has a higher objective
    double relaxed_bound = 0.0;  ///< the dual at the multipliers; upper_bound is lower only where a search showed it
    double objective_without = 0.0;  ///< of doing nothing, or where that is not open of the cheapest choice
    double relative_gap = 0.0;       ///< (upper_bound - objective) / what can be gained over objective_without
    bool exact = false;              ///< the plan was to be proven
    std::optional<double> budget;
    std::vector<CertifiedLimit> limits;  ///< the budget first where there is one, under the name "budget"
    // What the objective has beside expected profit (OptimizerSettings).
    double risk_weight = 0.0;  ///< of CVaR, with objective mean_cvar
    double customer_risk_weight = 0.0;
    double robustness = 0.0;
    double switching_penalty = 0.0;
};

/// What the plan claims about itself, with a dual bound of this module's own. `current` [customer] is what switching is
/// charged against; it may be empty where nothing is charged.
[[nodiscard]] Certificate certify(const UpliftTable& table, const OptimizerSettings& settings, const ActionPlan& plan,
                                  std::span<const std::uint8_t> current = {});

struct CertificateCheck {
    std::vector<std::string> checked;         ///< what was recomputed and agrees
    std::vector<std::string> mismatches;      ///< what does not
    std::vector<std::string> not_recomputed;  ///< what the table cannot show
};

/// Recomputes what the certificate says of the plan `action` [customer]. Figures agree within 1e-9 of the sum of the
/// amounts behind them. `current` as for certify. Throws InputError if the table has no column that the objective
/// needs.
[[nodiscard]] CertificateCheck check_certificate(const UpliftTable& table, std::span<const std::uint8_t> action,
                                                 const Certificate& certificate,
                                                 std::span<const std::uint8_t> current = {});

/// Plans once more, by the optimizer itself, and compares what only a search can tell: status, bounds and multipliers.
/// Of a plan for mean and CVaR, which needs paths, it says that this is not recomputed.
[[nodiscard]] CertificateCheck check_planned_again(const UpliftTable& table, const Certificate& certificate,
                                                   std::span<const std::uint8_t> current = {});

}  // namespace clv
