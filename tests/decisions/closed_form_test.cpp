#include "clv/simulation/closed_form.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace clv {
namespace {

SubscriptionColumns one_customer(std::vector<float> hazards, float tail) {
    SubscriptionColumns columns;
    columns.id_hash = {1};
    columns.monthly_revenue = {100.0};
    columns.margin = {1.0};
    columns.retention_cost = {0.0};
    columns.acquisition_cost = {0.0};
    columns.revenue_growth = {0.0};
    columns.revenue_volatility = {0.0};
    columns.market_beta = {1.0};
    columns.hazards.customers = {{0, static_cast<std::uint32_t>(hazards.size()), tail}};
    columns.hazards.pool = std::move(hazards);
    return columns;
}

/// Value of one certain future: last month of life (beyond the horizon: nobody churned), and the multipliers in force.
struct Future {
    double probability;
    int churn_month;
    bool accepted;
};

/// Sums over every churn month and both answers to the offer, straight from the definition of the law.
ExpectedValue enumerate(const SubscriptionColumns& columns, const SimulationSettings& settings, const Action& action) {
    const int horizon = settings.horizon_months;
    const int duration = action.duration_months.value_or(horizon);
    std::vector<Future> futures;
    for (const bool accepted : {false, true}) {
        double alive = accepted ? action.acceptance : 1.0 - action.acceptance;
        for (int t = 1; t <= horizon; ++t) {
            const double multiplier = accepted && t <= duration ? action.hazard_multiplier.median : 1.0;
            const double dies = alive * -std::expm1(-multiplier * double{columns.hazards.at(0, t)});
            futures.push_back({dies, t, accepted});
            alive -= dies;
        }
        futures.push_back({alive, horizon + 1, accepted});
    }
    ExpectedValue expected;
    for (const Future& future : futures) {
        double value = -columns.acquisition_cost[0] - action.cost - (future.accepted ? action.cost_if_accepted : 0.0);
        double cost = action.cost + (future.accepted ? action.cost_if_accepted : 0.0);
        const int paid =
            std::min(horizon, settings.churn_timing == ChurnTiming::end ? future.churn_month : future.churn_month - 1);
        for (int t = 1; t <= paid; ++t) {
            const bool active = future.accepted && t <= duration;
            const double revenue =
                columns.monthly_revenue[0] * std::pow(1.0 + columns.revenue_growth[0], (t - 1) / 12.0);
            double cash = columns.margin[0] * revenue - columns.retention_cost[0];
            double years = (t - 0.5) / 12.0;
            if (settings.discount_timing != DiscountTiming::mid) {
                years = (settings.discount_timing == DiscountTiming::start ? t - 1 : t) / 12.0;
            }
            const double discount = std::pow(1.0 + settings.discount_rate.value, -years);
            if (active) {
                const double sold = revenue * action.revenue_multiplier.median;
                const double paid_by_customer = sold * action.price_multiplier.median;
                const double given_back = action.monthly_cost_share * paid_by_customer;
                cash = paid_by_customer - given_back - sold * (1.0 - columns.margin[0]) - columns.retention_cost[0] -
                       action.monthly_cost;
                cost += discount * (action.monthly_cost + given_back);
            }
            value += discount * cash;
        }
        expected.clv += future.probability * value;
        expected.action_cost += future.probability * cost;
        expected.paid_months += future.probability * paid;
    }
    return expected;
}

TEST(ClosedForm, EqualsEnumerationOfEveryFuture) {
    SubscriptionColumns columns = one_customer({0.3F, 0.05F, 0.9F}, 0.2F);
    columns.margin = {0.62};
    columns.retention_cost = {3.0};
    columns.acquisition_cost = {17.0};
    columns.revenue_growth = {0.25};
    columns.revenue_volatility = {0.4};  // must not matter
    Action action;
    action.cost = 1.5;
    action.cost_if_accepted = 4.0;
    action.monthly_cost = 0.75;
    action.monthly_cost_share = 0.15;
    action.acceptance = 0.35;
    action.hazard_multiplier.median = 0.6;
    action.revenue_multiplier.median = 1.1;
    action.price_multiplier.median = 0.95;

    SimulationSettings settings;
    settings.discount_rate = {0.3};
    for (const int horizon : {1, 4, 7}) {
        for (const int duration : {1, 3, 100}) {
            for (const ChurnTiming churn : {ChurnTiming::start, ChurnTiming::end}) {
                for (const DiscountTiming discount :
                     {DiscountTiming::start, DiscountTiming::mid, DiscountTiming::end}) {
                    settings.horizon_months = horizon;
                    settings.churn_timing = churn;
                    settings.discount_timing = discount;
                    action.duration_months = duration;
                    const ExpectedValue truth = enumerate(columns, settings, action);
                    const ExpectedValue value = expected_value(columns, 0, settings, &action);
                    EXPECT_NEAR(value.clv, truth.clv, 1e-11);
                    EXPECT_NEAR(value.action_cost, truth.action_cost, 1e-12);
                    EXPECT_NEAR(value.paid_months, truth.paid_months, 1e-12);
                }
            }
        }
    }
    action.duration_months.reset();
    EXPECT_NEAR(expected_value(columns, 0, settings, &action).clv, enumerate(columns, settings, action).clv, 1e-11);
    const ExpectedValue none = expected_value(columns, 0, settings);
    EXPECT_NEAR(none.clv, enumerate(columns, settings, Action{}).clv, 1e-11);
    EXPECT_EQ(none.action_cost, 0.0);
}

TEST(ClosedForm, RiskOracleMean) {
    // REFERENCE: shifted beta geometric (.668, 3.806), 100 at the start of each of at most 10 periods, 10% a period.
    std::vector<float> hazards;
    for (int t = 1; t <= 10; ++t) {
        hazards.push_back(static_cast<float>(std::log1p(0.668 / (3.806 + t - 1))));
    }
    const SubscriptionColumns columns = one_customer(hazards, 0.0F);
    SimulationSettings settings;
    settings.horizon_months = 10;
    settings.discount_rate = {2.138428376721};
    settings.discount_timing = DiscountTiming::start;
    settings.churn_timing = ChurnTiming::end;
    EXPECT_NEAR(expected_value(columns, 0, settings).clv, 460.468989, 1e-5);  // hazards are single precision
}

TEST(ClosedForm, ConstantHazardIsAGeometricSeries) {
    const SubscriptionColumns columns = one_customer({}, 0.05F);
    SimulationSettings settings;
    settings.horizon_months = 120;
    settings.discount_rate = {0.0};
    const double kept = std::exp(-double{0.05F});
    const double months = (1.0 - std::pow(kept, 120)) / (1.0 - kept);
    EXPECT_NEAR(expected_value(columns, 0, settings).paid_months, months, 1e-11);
    EXPECT_NEAR(expected_value(columns, 0, settings).clv, 100.0 * months, 1e-9);
    settings.churn_timing = ChurnTiming::start;
    EXPECT_NEAR(expected_value(columns, 0, settings).paid_months, kept * months, 1e-11);
}

TEST(ClosedForm, CertainChurnAndNone) {
    SimulationSettings settings;
    settings.horizon_months = 12;
    settings.discount_rate = {0.0};
    const SubscriptionColumns gone = one_customer({}, certain_churn_hazard);
    EXPECT_EQ(expected_value(gone, 0, settings).clv, 100.0);
    Action keep;
    keep.hazard_multiplier.median = 0.0;
    EXPECT_EQ(expected_value(gone, 0, settings, &keep).clv, 1200.0);
    const SubscriptionColumns loyal = one_customer({}, 0.0F);
    EXPECT_EQ(expected_value(loyal, 0, settings).clv, 1200.0);
    EXPECT_EQ(expected_value(loyal, 0, settings, nullptr, 9).tail_value, 300.0);
    settings.churn_timing = ChurnTiming::start;
    EXPECT_EQ(expected_value(gone, 0, settings).clv, 0.0);
}

TEST(ClosedForm, ADiscountCostsItsShareOfRevenue) {
    SubscriptionColumns columns = one_customer({}, 0.0F);
    columns.margin = {0.4};
    SimulationSettings settings;
    settings.horizon_months = 12;
    settings.discount_rate = {0.0};
    Action discount;
    discount.price_multiplier.median = 0.95;
    EXPECT_NEAR(expected_value(columns, 0, settings, &discount).clv - expected_value(columns, 0, settings).clv,
                -0.05 * 1200.0, 1e-10);
}

TEST(ClosedForm, UncertainMultipliersAreIntegrated) {
    const SubscriptionColumns columns = one_customer({0.2F, 0.1F}, 0.3F);
    SimulationSettings settings;
    settings.horizon_months = 8;
    settings.churn_timing = ChurnTiming::start;
    for (const double log_sd : {0.1, 0.5, 2.0}) {
        Action action;
        action.duration_months = 5;
        action.hazard_multiplier = {0.7, 0.6 * log_sd, 0.8 * log_sd};
        action.revenue_multiplier = {1.2, 0.3, 0.4};
        action.price_multiplier = {0.9, 0.0, 0.2};
        // Simpson's rule over the deviate of the hazard multiplier, with certain multipliers for everything else.
        Action certain = action;
        certain.revenue_multiplier = {1.2 * std::exp(0.125), 0.0, 0.0};
        certain.price_multiplier = {0.9 * std::exp(0.02), 0.0, 0.0};
        double clv = 0.0;
        double months = 0.0;
        const int steps = 4'000;
        const double width = 20.0 / steps;
        for (int k = 0; k <= steps; ++k) {
            const double z = -10.0 + k * width;
            const double simpson = (k == 0 || k == steps ? 1.0 : (k % 2 == 1 ? 4.0 : 2.0)) * width / 3.0;
            const double weight = simpson * std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::acos(-1.0));
            certain.hazard_multiplier = {0.7 * std::exp(log_sd * z), 0.0, 0.0};
            const ExpectedValue given = enumerate(columns, settings, certain);
            clv += weight * given.clv;
            months += weight * given.paid_months;
        }
        const ExpectedValue value = expected_value(columns, 0, settings, &action);
        EXPECT_NEAR(value.clv, clv, 1e-8) << log_sd;
        EXPECT_NEAR(value.paid_months, months, 1e-10) << log_sd;
    }
}

}  // namespace
}  // namespace clv
