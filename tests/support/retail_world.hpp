#pragma once
// Customers without a contract, under every purchase law.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "clv/data/tables/content_hash.hpp"
#include "clv/paths/retail_columns.hpp"
#include "clv/simulation/plan.hpp"
#include "support/subscription_world.hpp"

namespace clv::test {

struct FittedLaw {
    const char* name;
    PurchaseLaw law;
    PurchaseParameters parameters;
};

inline constexpr std::array fitted_laws{
    FittedLaw{"bg_nbd", PurchaseLaw::bg_nbd, {0.243, 4.414, 0.793, 2.426}},
    FittedLaw{"mbg_nbd", PurchaseLaw::mbg_nbd, {0.525, 6.183, 0.891, 1.614}},
    FittedLaw{"pareto_nbd", PurchaseLaw::pareto_nbd, {0.553, 10.578, 0.606, 11.669}},
    FittedLaw{"bg_bb", PurchaseLaw::bg_bb, {1.204, 0.750, 0.657, 2.783}},
    FittedLaw{"nbd", PurchaseLaw::nbd, {0.385, 12.072, 0.0, 0.0}},
};

/// Histories from nobody's to a daily buyer's, parameters in four draws, and a calendar.
inline RetailColumns mixed_buyers(const FittedLaw& law, std::size_t customers) {
    RetailColumns columns;
    columns.law = law.law;
    const bool whole = law.law == PurchaseLaw::bg_bb;
    columns.time_unit = whole ? TimeUnit::month : TimeUnit::week;
    for (std::size_t draw = 0; draw < 4; ++draw) {
        RetailDraw drawn{law.parameters, {6.25, 3.74, 15.44}, {}};
        drawn.purchase[0] *= 1.0 + 0.05 * static_cast<double>(draw);
        drawn.spend[0] = draw == 3 ? 0.8 : drawn.spend[0];
        drawn.calendar.level_sd = 0.05;
        drawn.calendar.persistence = 0.5;
        drawn.calendar.cycle_step_sd = 0.1 + 0.05 * static_cast<double>(draw);
        columns.draws.push_back(drawn);
    }
    columns.segments = {"a", "b"};
    for (std::size_t i = 0; i < customers; ++i) {
        columns.id_hash.push_back(customer_id_hash("buyer " + std::to_string(i)));
        double age = uniform(i, 1, 1.0, 60.0);
        double frequency = i % 3 == 0 ? 0.0 : std::floor(uniform(i, 2, 1.0, i % 7 == 0 ? 300.0 : 9.0));
        double recency = frequency == 0.0 ? 0.0 : uniform(i, 3, 0.5, 1.0) * age;
        if (whole) {
            age = std::floor(age);
            frequency = std::min(frequency, age);
            recency = frequency == 0.0 ? 0.0 : std::max(frequency, std::floor(recency));
        }
        columns.age.push_back(age);
        columns.frequency.push_back(frequency);
        columns.recency.push_back(recency);
        columns.monetary_value.push_back(frequency == 0.0 ? 0.0 : uniform(i, 4, 1.0, 80.0));
        columns.margin.push_back(uniform(i, 5, 0.2, 1.0));
        columns.segment.push_back(static_cast<std::uint32_t>(i % 2));
    }
    return columns;
}

inline SimulationPlan retail_plan() {
    SimulationPlan plan;
    plan.settings.paths = 500;
    plan.settings.horizon_months = 15;
    plan.settings.seed = 42;
    plan.settings.cashflow = true;
    Action discount;
    discount.name = "discount";
    discount.cost = 1.0;
    discount.acceptance = 0.6;
    discount.price_multiplier = {0.9, 0.0, 0.1};
    discount.revenue_multiplier = {1.2, 0.1, 0.05};
    discount.duration_months = 6;
    Action care;
    care.name = "care";
    care.monthly_cost = 0.5;
    care.hazard_multiplier = {0.5, 0.2, 0.2};
    plan.actions = {discount, care};
    return plan;
}

}  // namespace clv::test
