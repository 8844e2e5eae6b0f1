#include "clv/simulation/scenario_world.hpp"

#include <algorithm>

#include "clv/random/elementary.hpp"

namespace clv {

namespace {

float scaled_hazard(float hazard, double factor) {
    if (factor == 0.0 || hazard == 0.0F) {
        return 0.0F;
    }
    if (hazard >= certain_churn_hazard) {
        return hazard;
    }
    return static_cast<float>(std::min(double{hazard} * factor, double{certain_churn_hazard}));
}

}  // namespace

ScenarioWorld scenario_world(const SubscriptionColumns& columns, const SimulationPlan& plan, const Scenario& scenario) {
    ScenarioWorld world{columns, plan};
    world.plan.scenarios.clear();
    if (scenario.discount_rate) {
        world.plan.settings.discount_rate = *scenario.discount_rate;
    }

    const double hazard_factor =
        scenario.hazard_multiplier * elementary::exp(-plan.market.hazard_sensitivity * scenario.market_shift);
    if (hazard_factor != 1.0) {
        for (float& hazard : world.columns.hazards.pool) {
            hazard = scaled_hazard(hazard, hazard_factor);
        }
        for (HazardCurves::Reference& customer : world.columns.hazards.customers) {
            customer.tail = scaled_hazard(customer.tail, hazard_factor);
        }
    }

    const double volume_and_price = scenario.revenue_multiplier * scenario.price_multiplier;
    const double market_log = plan.market.revenue_volatility * scenario.market_shift;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        world.columns.monthly_revenue[i] *= volume_and_price * elementary::exp(columns.market_beta[i] * market_log);
        if (scenario.price_multiplier != 1.0) {
            world.columns.margin[i] = 1.0 - (1.0 - columns.margin[i]) / scenario.price_multiplier;
        }
    }
    return world;
}

}  // namespace clv
