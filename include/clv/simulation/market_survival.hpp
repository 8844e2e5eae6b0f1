#pragma once
// Survival where the market moves hazards (market.hazard_sensitivity s), for customers with the same plain hazard h in
// every month:
//   S_t   = E[exp(-h C_t)],  C_t = M_1 + .. + M_t,  M_u = exp(-s F_u - s^2 (u-1)/24)
//   R_t   = E[exp(-h C_t) G],  G the market's factor on the revenue of month t or t + 1, with mean 1
// G only tilts the market: under it F_u has the mean b m (u-1)/12 (b the customer's loading, m the market's volatility
// of revenue; Girsanov's theorem), so R_t is S_t with M_u exp(-s b m (u-1)/12) in place of M_u.
//
// F is a random walk of normal steps, so S_t is exact by one recursion over months: the density of F, weighted by
// survival so far, times a month's survival, convolved with a step. Trapezoidal sums on an even grid have errors below
// 1e-12 here. Tables over h and b are interpolated by Chebyshev points; the error of S_t and R_t is below 1e-7.
// An action's random multiplier of hazards is integrated over its distribution the same way.

#include <cstddef>
#include <vector>

#include "clv/simulation/plan.hpp"

namespace clv {

struct Interval {
    double low = 0.0;
    double high = 0.0;
};

class MarketSurvival {
  public:
    /// For customers with hazards (a month, above 0) and loadings in these ranges, under none and under every action
    /// once it is accepted. `threads` 0: all. Throws ConfigError where the market moves hazards beyond what a table
    /// holds.
    MarketSurvival(const Market& market, int horizon_months, const std::vector<Action>& actions, Interval hazards,
                   Interval loadings, int threads);

    /// [t]: after t months, 0..horizon.
    struct Months {
        std::vector<double> survival;  ///< S_t
        std::vector<double> revenue;   ///< R_t
    };
    /// Alternative 0 is none, a is actions[a - 1].
    void fill(std::size_t alternative, double hazard, double loading, Months& months) const;

  private:
    std::vector<double> hazard_nodes_;   ///< ln h
    std::vector<double> loading_nodes_;  ///< b
    std::size_t entries_ = 0;            ///< months + 1
    /// [alternative][hazard node][loading node][month]
    std::vector<std::vector<double>> tables_;
};

}  // namespace clv
