#pragma once
// Exact expectations of the subscription law, without paths: what its means must converge to, and the planted truth of
// a synthetic world.
//
// Revenue is independent of churn as long as the market does not move hazards (market.hazard_sensitivity = 0), and its
// random walks are compensated, so E[cash of month t] = P(month t is paid) x E[cash | paid]. Volatilities and market
// loadings drop out. Where the market moves hazards, survival is its mean over the market, and that of revenue another,
// over the market weighted by what it does to revenue (market_survival.hpp). A multiplier's mean is median exp(log_sd^2
// / 2 + customer_log_sd^2 / 2); the multipliers of an action are independent of each other and of acceptance. Survival
// under an uncertain hazard multiplier is integrated over the normal deviate by the trapezoidal rule, whose error is
// below rounding up to a total log_sd of about 4.

#include <cstddef>

#include "clv/core/units.hpp"
#include "clv/paths/subscription_columns.hpp"
#include "clv/simulation/market_survival.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

struct ExpectedValue {
    double clv = 0.0;          ///< currency, net of every cost
    double tail_value = 0.0;   ///< the part of clv from months after the observed ones
    double action_cost = 0.0;  ///< currency: present value of all that the action costs
    double paid_months = 0.0;  ///< months paid within the horizon
};

/// A market that moves hazards, and which of its alternatives the action is.
struct MarketOfCustomers {
    const MarketSurvival& survival;
    std::size_t alternative = 0;
};

/// Expectations of one customer under `action` (nullptr: none). Eligibility is not looked at. `observed_months` splits
/// off tail_value. `market` (nullptr: hazards are as they are) is for customers with one hazard in every month.
[[nodiscard]] ExpectedValue expected_value(const SubscriptionColumns& columns, std::size_t customer,
                                           const SimulationSettings& settings, const Action* action = nullptr,
                                           int observed_months = max_horizon_months,
                                           const MarketOfCustomers* market = nullptr);

}  // namespace clv
