#pragma once
// What the pass over all scenarios reads (simulation/scenario_setup.hpp).

#include "clv/paths/subscription.hpp"

namespace clv {

/// What all customers share.
struct ScenarioRun {
    /// A factor on hazards together with a discount rate.
    struct Pair {
        int hazard;
        int rate;
    };
    int scenarios;  ///< the plan as it is included, as scenario 0
    int hazards;
    int rates;
    int pairs;
    const float* inverse_hazard_factor;  ///< [hazard]; infinite where nobody churns
    const Pair* pair;                    ///< those that scenarios have
    const int* pair_of_scenario;
};

/// One customer.
struct ScenarioCustomer {
    const float* discounted_revenue;  ///< [rate][month - 1], rows of horizon + month_padding: expected, discounted
    const double* value;              ///< [scenario][months 0..horizon]: currency, before the noise of revenue
    const double* noise_factor;       ///< [scenario]: value of a unit of noise
};

}  // namespace clv
