#pragma once
// The work that the engine and its peers are timed on: the subscription law for customers with constant hazards and an
// own revenue walk. Everything a peer needs to simulate the same customers is in its JSON.

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "clv/simulation/plan.hpp"
#include "clv/simulation/subscription_setup.hpp"
#include "support/subscription_world.hpp"

namespace clv::bench {

struct Work {
    std::size_t customers = 64;
    std::int64_t paths = 10'000;
    int horizon_months = 36;
    int actions = 1;             ///< 0 to 8
    double monthly_churn = 0.0;  ///< probability; customers lie within a third of it
    double revenue_volatility = 0.2;
    std::uint64_t seed = 1;
    bool moments_only = false;  ///< mean and sd, else also five quantiles and CVaR at 5%
};

/// Customers that differ in revenue, margin, cost and churn. A customer does not depend on how many there are.
inline SubscriptionColumns columns_of(const Work& work) {
    SubscriptionColumns columns = test::plain_customers(work.customers);
    columns.revenue_volatility.assign(work.customers, work.revenue_volatility);
    for (std::size_t i = 0; i < work.customers; ++i) {
        columns.monthly_revenue[i] = test::uniform(i, 0, 20.0, 200.0);
        columns.margin[i] = test::uniform(i, 1, 0.4, 0.9);
        columns.retention_cost[i] = test::uniform(i, 2, 0.0, 4.0);
        const double churn = work.monthly_churn * test::uniform(i, 3, 2.0 / 3.0, 4.0 / 3.0);
        columns.hazards.customers[i] = {0, 0, static_cast<float>(-elementary::log1p(-churn))};
    }
    return columns;
}

/// Discounts of a year that lower churn: the first takes 5% off the price and a fifth off the hazard.
inline SimulationPlan plan_of(const Work& work) {
    SimulationPlan plan;
    plan.settings.paths = work.paths;
    plan.settings.horizon_months = work.horizon_months;
    plan.settings.seed = work.seed;
    plan.moments_only = work.moments_only;
    for (int a = 0; a < work.actions; ++a) {
        Action action;
        action.name = "discount " + std::to_string(a + 1);
        action.hazard_multiplier.median = 0.8 - 0.05 * a;
        action.price_multiplier.median = 0.95 - 0.01 * a;
        action.duration_months = std::min(12, work.horizon_months);
        plan.actions.push_back(action);
    }
    return plan;
}

inline std::vector<double> entries(const Column& column) {
    std::vector<double> values;
    for (std::size_t i = 0; i < column.size(); ++i) {
        values.push_back(column[i]);
    }
    return values;
}

/// What a peer reads: scalars, one array per column, one object per action. Quantile levels are empty and the level
/// of CVaR null where only moments are asked for.
inline nlohmann::json specification(const Work& work, const SubscriptionColumns& columns, const SimulationPlan& plan) {
    nlohmann::json json{{"customers", work.customers},
                        {"paths", work.paths},
                        {"horizon_months", work.horizon_months},
                        {"revenue_volatility", work.revenue_volatility},
                        {"discount_factor", discount_factors(plan.settings)},
                        {"monthly_revenue", entries(columns.monthly_revenue)},
                        {"margin", entries(columns.margin)},
                        {"retention_cost", entries(columns.retention_cost)},
                        {"hazard", nlohmann::json::array()},
                        {"actions", nlohmann::json::array()},
                        {"quantiles", nlohmann::json::array()},
                        {"cvar_level", nullptr}};
    for (std::size_t i = 0; i < work.customers; ++i) {
        json["hazard"].push_back(static_cast<double>(columns.hazards.at(i, 1)));
    }
    for (const Action& action : plan.actions) {
        json["actions"].push_back({{"hazard_multiplier", action.hazard_multiplier.median},
                                   {"price_multiplier", action.price_multiplier.median},
                                   {"duration_months", *action.duration_months}});
    }
    if (!work.moments_only) {
        json["quantiles"] = plan.settings.quantiles;
        json["cvar_level"] = plan.settings.cvar_level;
    }
    return json;
}

}  // namespace clv::bench
