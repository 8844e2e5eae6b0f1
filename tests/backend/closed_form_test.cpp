// The subscription law on the CPU backend against closed forms. A statistical test means within 4 standard errors,
// and the mean of z^2 over many customers within 4 sqrt(2/n) of 1; each is shown to fail on a doubled hazard.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "clv/simulation/backend.hpp"
#include "clv/simulation/closed_form.hpp"
#include "support/agreement.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

using test::agreement;
using test::Agreement;
using test::mixed_customers;
using test::plain_customers;
using test::set_constant_churn;

SimulationResult simulate(const SubscriptionColumns& columns, const SimulationPlan& plan) {
    NoProgress progress;
    return make_cpu_backend(2)->run(columns, plan, progress);
}

SimulationPlan closed_form_plan(std::int64_t paths, int horizon_months, double discount_rate) {
    SimulationPlan plan;
    plan.settings.paths = paths;
    plan.settings.horizon_months = horizon_months;
    plan.settings.discount_rate = {discount_rate};
    plan.settings.seed = 20'26;
    return plan;
}

void double_hazards(SubscriptionColumns& columns) {
    for (auto& reference : columns.hazards.customers) {
        reference.tail *= 2.0F;
    }
    for (float& hazard : columns.hazards.pool) {
        hazard *= 2.0F;
    }
}

TEST(SubscriptionLaw, WithoutChurnAndVolatilityTheValueIsTheAnnuity) {
    SubscriptionColumns columns = plain_customers(1);
    columns.margin[0] = 0.4;
    columns.retention_cost[0] = 7.0;
    columns.acquisition_cost[0] = 55.0;
    columns.revenue_growth[0] = 0.05;
    const SimulationPlan plan = closed_form_plan(64, 120, 0.1);
    const SimulationResult result = simulate(columns, plan);
    double expected = -55.0;
    for (int month = 1; month <= 120; ++month) {
        const double revenue = 100.0 * std::pow(1.05, (month - 1) / 12.0);
        expected += (0.4 * revenue - 7.0) * std::pow(1.1, -(month - 0.5) / 12.0);
    }
    EXPECT_NEAR(result.actions[0].mean[0], expected, 1e-9 * expected);
    EXPECT_EQ(result.actions[0].sd[0], 0.0);
    EXPECT_EQ(result.actions[0].prob_loss[0], 0.0);
    EXPECT_NEAR(result.actions[0].cvar[0], expected, 1e-9 * expected);
    EXPECT_EQ(result.expected_lifetime_months[0], 120.0);
}

TEST(SubscriptionLaw, WithoutDiscountingEveryMonthCountsInFull) {
    const SimulationResult result = simulate(plain_customers(1), closed_form_plan(16, 24, 0.0));
    EXPECT_EQ(result.actions[0].mean[0], 2400.0);
}

TEST(SubscriptionLaw, CertainChurnPaysOneMonthOrNone) {
    SubscriptionColumns columns = plain_customers(1);
    columns.hazards.customers[0] = {0, 0, certain_churn_hazard};
    SimulationPlan plan = closed_form_plan(1000, 36, 0.1);
    const double first_month = 100.0 * std::pow(1.1, -0.5 / 12.0);
    SimulationResult result = simulate(columns, plan);
    EXPECT_NEAR(result.actions[0].mean[0], first_month, 1e-12 * first_month);
    EXPECT_EQ(result.actions[0].sd[0], 0.0);
    plan.settings.churn_timing = ChurnTiming::start;
    result = simulate(columns, plan);
    EXPECT_EQ(result.actions[0].mean[0], 0.0);
    EXPECT_EQ(result.expected_lifetime_months[0], 0.0);
}

/// Value after churn in each month when revenue is constant: the whole distribution is these steps.
std::vector<double> step_values(int horizon_months, double discount_rate) {
    std::vector<double> values;
    double value = 0.0;
    for (int month = 1; month <= horizon_months; ++month) {
        value += 100.0 * std::pow(1.0 + discount_rate, -(month - 0.5) / 12.0);
        values.push_back(value);
    }
    return values;
}

TEST(SubscriptionLaw, ConstantHazardGivesTheGeometricStepFunction) {
    constexpr double churn = 0.05;
    constexpr int horizon = 36;
    SubscriptionColumns columns = plain_customers(25);
    set_constant_churn(columns, churn);
    SimulationPlan plan = closed_form_plan(40'000, horizon, 0.1);
    // P(L <= n) = 1 - 0.95^n; none of these levels is within 4 standard errors of a step
    plan.settings.quantiles = {0.07, 0.25, 0.4995, 0.592, 0.95};
    const std::vector<double> steps = step_values(horizon, 0.1);
    const auto exact_quantile = [&](double level) {
        const int month = static_cast<int>(std::ceil(std::log(1.0 - level) / std::log(1.0 - churn)));
        return steps[static_cast<std::size_t>(std::min(month, horizon) - 1)];
    };
    double expected = 0.0;
    for (int month = 1; month <= horizon; ++month) {
        expected += std::pow(1.0 - churn, month - 1) * 100.0 * std::pow(1.1, -(month - 0.5) / 12.0);
    }
    const auto quantiles_are_exact = [&](const SimulationResult& result) {
        for (std::size_t level = 0; level < plan.settings.quantiles.size(); ++level) {
            const double exact = exact_quantile(plan.settings.quantiles[level]);
            for (const double quantile : result.actions[0].quantiles[level]) {
                if (std::abs(quantile - exact) > 1e-9 * exact) {
                    return false;
                }
            }
        }
        return true;
    };

    const SimulationResult result = simulate(columns, plan);
    EXPECT_TRUE(quantiles_are_exact(result));
    EXPECT_TRUE(agreement(result.actions[0].mean, result.actions[0].se, [&](std::size_t) { return expected; }).holds());

    double_hazards(columns);
    const SimulationResult planted = simulate(columns, plan);
    EXPECT_FALSE(quantiles_are_exact(planted));
    EXPECT_FALSE(
        agreement(planted.actions[0].mean, planted.actions[0].se, [&](std::size_t) { return expected; }).holds());
}

/// Hazards of the shifted beta geometric, from its retention rates.
void set_sbg(SubscriptionColumns& columns, double alpha, double beta, int periods) {
    for (int t = 1; t <= periods; ++t) {
        columns.hazards.pool.push_back(static_cast<float>(-std::log((beta + t - 1.0) / (alpha + beta + t - 1.0))));
    }
    for (auto& reference : columns.hazards.customers) {
        reference = {0, static_cast<std::uint32_t>(periods), 0.0F};
    }
}

TEST(SubscriptionLaw, GivesTheRiskOracleOfTheShiftedBetaGeometric) {
    // alpha .668, beta 3.806, 100 a period paid in advance, at most ten, 10% a period (recomputed from Fader and
    // Hardie)
    SubscriptionColumns columns = plain_customers(1);
    set_sbg(columns, 0.668, 3.806, 10);
    SimulationPlan plan = closed_form_plan(1'000'000, 10, 2.138428376721);
    plan.settings.discount_timing = DiscountTiming::start;
    plan.settings.cvar_level = 0.1;
    const SimulationResult result = simulate(columns, plan);
    const ClvFigures& clv = result.actions[0];
    EXPECT_LT(std::abs(clv.mean[0] - 460.468989), 4.0 * clv.se[0]);
    EXPECT_LT(std::abs(clv.sd[0] - 228.246580), 4.0 * clv.se[0]);
    const double exact[] = {100.0, 190.909090909, 535.526, 675.902, 675.902};
    for (std::size_t level = 0; level < 5; ++level) {
        EXPECT_NEAR(clv.quantiles[level][0], exact[level], 5e-4);
    }
    EXPECT_NEAR(clv.cvar[0], 100.0, 1e-9);

    double_hazards(columns);
    const SimulationResult planted = simulate(columns, plan);
    EXPECT_GT(std::abs(planted.actions[0].mean[0] - 460.468989), 4.0 * planted.actions[0].se[0]);
}

std::vector<Action> four_actions() {
    Action discount;
    discount.name = "5% discount";
    discount.price_multiplier = {0.95, 0.0, 0.0};
    discount.hazard_multiplier = {0.8, 0.0, 0.0};
    discount.acceptance = 0.6;
    Action call;
    call.name = "call";
    call.cost = 5.0;
    call.cost_if_accepted = 3.0;
    call.acceptance = 0.35;
    call.hazard_multiplier = {0.6, 0.3, 0.2};
    call.duration_months = 12;
    Action upgrade;
    upgrade.name = "upgrade";
    upgrade.monthly_cost = 1.5;
    upgrade.revenue_multiplier = {1.2, 0.1, 0.15};
    upgrade.price_multiplier = {1.05, 0.0, 0.1};
    upgrade.hazard_multiplier = {1.3, 0.0, 0.0};
    upgrade.duration_months = 7;
    Action rescue;
    rescue.name = "rescue";
    rescue.hazard_multiplier = {0.0, 0.0, 0.0};
    rescue.duration_months = 6;
    rescue.monthly_cost = 4.0;
    return {discount, call, upgrade, rescue};
}

struct Timing {
    DiscountTiming discount;
    ChurnTiming churn;
};

class PanelTest : public ::testing::TestWithParam<Timing> {};

TEST_P(PanelTest, MeansOfEveryActionMatchTheirExpectations) {
    SubscriptionColumns columns = mixed_customers(400);
    SimulationPlan plan = closed_form_plan(3'000, 36, 0.12);
    plan.settings.discount_timing = GetParam().discount;
    plan.settings.churn_timing = GetParam().churn;
    plan.actions = four_actions();
    const SubscriptionColumns truth = columns;
    const auto value_of = [&](std::size_t i, std::size_t action) {
        return expected_value(truth, i, plan.settings, action == 0 ? nullptr : &plan.actions[action - 1]).clv;
    };
    // Mean over the customers of estimated minus expected cost; `planted` is a factor on the monthly cost.
    const auto mean_cost_error = [&](const UpliftFigures& uplift, Action action, double planted) {
        action.monthly_cost *= planted;
        double error = 0.0;
        for (std::size_t i = 0; i < truth.size(); ++i) {
            error += uplift.cost[i] - expected_value(truth, i, plan.settings, &action).action_cost;
        }
        return error / static_cast<double>(truth.size());
    };
    // Its standard error: present values of months lie between 0 and D, so their standard deviation is below D/2.
    const auto cost_error_bound = [&](const SimulationPlan& with, std::size_t action) {
        const Action& of = with.actions[action - 1];
        const double draws = static_cast<double>(with.settings.paths) * static_cast<double>(truth.size());
        return 0.5 * of.monthly_cost * of.duration_months.value_or(36) / std::sqrt(draws) + 1e-12;
    };

    const SimulationResult result = simulate(columns, plan);
    for (std::size_t a = 0; a <= plan.actions.size(); ++a) {
        const ClvFigures& clv = result.actions[a];
        const Agreement value = agreement(clv.mean, clv.se, [&](std::size_t i) { return value_of(i, a); });
        EXPECT_TRUE(value.holds()) << "action " << a << ": worst z " << value.worst_z << ", mean z^2 "
                                   << value.mean_square;
        if (a > 0) {
            const UpliftFigures& uplift = result.uplift[a - 1];
            const Agreement profit = agreement(uplift.expected_profit, uplift.expected_profit_se,
                                               [&](std::size_t i) { return value_of(i, a) - value_of(i, 0); });
            EXPECT_LT(profit.worst_z, 4.5) << "action " << a;  // shared effects: errors are not independent
            EXPECT_LT(std::abs(mean_cost_error(uplift, plan.actions[a - 1], 1.0)), 4.0 * cost_error_bound(plan, a));
            if (plan.actions[a - 1].monthly_cost > 0.0) {
                EXPECT_GT(std::abs(mean_cost_error(uplift, plan.actions[a - 1], 1.02)),
                          4.0 * cost_error_bound(plan, a));
            }
        }
    }

    double_hazards(columns);
    const SimulationResult planted = simulate(columns, plan);
    const Agreement wrong =
        agreement(planted.actions[0].mean, planted.actions[0].se, [&](std::size_t i) { return value_of(i, 0); });
    EXPECT_FALSE(wrong.holds());
}

INSTANTIATE_TEST_SUITE_P(Timings, PanelTest,
                         ::testing::Values(Timing{DiscountTiming::mid, ChurnTiming::end},
                                           Timing{DiscountTiming::start, ChurnTiming::start},
                                           Timing{DiscountTiming::end, ChurnTiming::end}),
                         [](const auto& info) { return "Case" + std::to_string(info.index); });

TEST(SubscriptionLaw, ACertainMonthIsAnEventAndLeavesLaterHazardsAsTheyAre) {
    // Survival falls to 0 in month 24. An action that suspends churn carries its customers past it, and then the tail
    // hazard applies in full.
    SubscriptionColumns columns = plain_customers(60);
    columns.hazards.pool.assign(24, 0.02F);
    columns.hazards.pool.back() = certain_churn_hazard;
    for (auto& reference : columns.hazards.customers) {
        reference = {0, 24, 0.03F};
    }
    SimulationPlan plan = closed_form_plan(4'000, 60, 0.1);
    Action lock;
    lock.name = "lock-in";
    lock.hazard_multiplier.median = 0.0;
    lock.duration_months = 30;
    Action weak = lock;
    weak.name = "weak";
    weak.hazard_multiplier.median = 0.1;
    plan.actions = {lock, weak};
    const SimulationResult result = simulate(columns, plan);
    const auto truth = [&](const Action* action) {
        return [&, action](std::size_t i) { return expected_value(columns, i, plan.settings, action).clv; };
    };
    EXPECT_TRUE(agreement(result.actions[0].mean, result.actions[0].se, truth(nullptr)).holds());
    EXPECT_TRUE(agreement(result.actions[1].mean, result.actions[1].se, truth(&lock)).holds());
    EXPECT_TRUE(agreement(result.actions[2].mean, result.actions[2].se, truth(&weak)).holds());
    EXPECT_FALSE(agreement(result.actions[1].mean, result.actions[1].se, truth(nullptr)).holds());
}

/// Difference between the sum of the customers' means and the mean of the path totals, relative to its expectation.
double totals_error(const SubscriptionColumns& columns, const SimulationPlan& plan) {
    const SimulationResult result = simulate(columns, plan);
    double customers = 0.0;
    double expected = 0.0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        customers += result.actions[0].mean[i];
        expected += expected_value(columns, i, plan.settings).clv;
    }
    double total = 0.0;
    for (const std::int64_t units : result.totals.values) {
        total += static_cast<double>(units) * result.totals.unit;
    }
    return std::abs(total / static_cast<double>(result.totals.paths) - customers) / expected;
}

TEST(SubscriptionLaw, TotalsKeepTheirPrecisionBesideVeryVolatileCustomers) {
    SubscriptionColumns columns = plain_customers(1'000);
    set_constant_churn(columns, 0.03);
    SimulationPlan plan = closed_form_plan(200, 36, 0.1);
    EXPECT_LT(totals_error(columns, plan), 1e-13);
    columns.revenue_volatility[500] = 5.0;
    EXPECT_LT(totals_error(columns, plan), 1e-8);
    columns.revenue_volatility.assign(1'000, 1.0);
    plan.settings.horizon_months = 120;
    EXPECT_LT(totals_error(columns, plan), 1e-8);
    columns.revenue_volatility.assign(1'000, 0.0);
    // When everybody rises and falls together by orders of magnitude, totals keep 25 bits of what is typical, and each
    // of a thousand customers is rounded to that: by half a unit at most.
    plan.market.revenue_volatility = 3.0;
    EXPECT_LT(totals_error(columns, plan), 1'000 * 0x1p-26);
}

TEST(SubscriptionLaw, TheMarketMovesPortfoliosAndLeavesMeansAlone) {
    // With b = 1 and no churn, R_t is lognormal with log variance m^2 (t-1)/12, common to all customers.
    constexpr double volatility = 0.25;
    SubscriptionColumns columns = plain_customers(40);
    SimulationPlan plan = closed_form_plan(20'000, 24, 0.0);
    plan.market.revenue_volatility = volatility;
    const SimulationResult result = simulate(columns, plan);
    EXPECT_LT(std::abs(result.actions[0].mean[0] - 2400.0), 4.0 * result.actions[0].se[0]);
    // Var(sum R) = 100^2 sum_{s,t} (exp(m^2 min(s,t)/12) - 1)
    double variance = 0.0;
    for (int s = 0; s < 24; ++s) {
        for (int t = 0; t < 24; ++t) {
            variance += 1e4 * std::expm1(volatility * volatility * std::min(s, t) / 12.0);
        }
    }
    // standard error of a standard deviation, with the kurtosis of this lognormal sum taken as at most 6
    const double sd = result.actions[0].sd[0];
    const double sd_se = 0.5 * sd * std::sqrt((6.0 - 1.0) / 20'000.0);
    EXPECT_LT(std::abs(sd - std::sqrt(variance)), 4.0 * sd_se);
    SimulationPlan planted = plan;
    planted.market.revenue_volatility = 1.1 * volatility;
    EXPECT_GT(std::abs(simulate(columns, planted).actions[0].sd[0] - std::sqrt(variance)), 4.0 * sd_se);
    // every customer lives in the same market: the total is 40 times one of them, not sqrt(40)
    double total_squares = 0.0;
    double total_sum = 0.0;
    for (const std::int64_t units : result.totals.values) {
        const double total = static_cast<double>(units) * result.totals.unit;
        total_sum += total;
        total_squares += total * total;
    }
    const double n = static_cast<double>(result.totals.paths);
    const double total_sd = std::sqrt((total_squares - total_sum * total_sum / n) / (n - 1.0));
    EXPECT_NEAR(total_sd, 40.0 * sd, 1e-6 * total_sd);
}

TEST(SubscriptionLaw, AGoodMarketLowersChurn) {
    // Three months without discounting: 100 (1 + e^-h + e^-h E[e^(-h M)]), M = exp(-s F - s^2/24), F ~ N(0, 1/12).
    constexpr double hazard = 0.5;
    constexpr double sensitivity = 3.0;
    SubscriptionColumns columns = plain_customers(1);
    set_constant_churn(columns, -std::expm1(-hazard));
    SimulationPlan plan = closed_form_plan(1'000'000, 3, 0.0);
    plan.market.hazard_sensitivity = sensitivity;
    double survives_second = 0.0;
    constexpr double step = 0.01;
    for (double z = -9.0; z <= 9.0; z += step) {
        const double factor = std::exp(-sensitivity * z / std::sqrt(12.0) - sensitivity * sensitivity / 24.0);
        survives_second +=
            step * std::exp(-0.5 * z * z) / std::sqrt(2.0 * 3.141592653589793) * std::exp(-hazard * factor);
    }
    const double expected = 100.0 * (1.0 + std::exp(-hazard) * (1.0 + survives_second));
    const SimulationResult result = simulate(columns, plan);
    EXPECT_LT(std::abs(result.actions[0].mean[0] - expected), 4.0 * result.actions[0].se[0]);

    plan.market.hazard_sensitivity = 0.0;  // the error of leaving the market out is seen
    const SimulationResult planted = simulate(columns, plan);
    EXPECT_GT(std::abs(planted.actions[0].mean[0] - expected), 4.0 * planted.actions[0].se[0]);
}

/// Mean over the customers of the sample variance of their values, which se judges by the spread between customers.
struct MeanVariance {
    double value;
    double se;
};

MeanVariance mean_variance(const ClvFigures& clv) {
    const auto n = static_cast<double>(clv.sd.size());
    double sum = 0.0;
    double squares = 0.0;
    for (const double sd : clv.sd) {
        sum += sd * sd;
        squares += sd * sd * sd * sd;
    }
    return {sum / n, std::sqrt((squares - sum * sum / n) / (n - 1.0) / n)};
}

TEST(SubscriptionLaw, OwnVolatilityHasTheVarianceOfItsWalk) {
    SubscriptionColumns columns = plain_customers(200);
    columns.revenue_volatility.assign(200, 0.3);
    const SimulationPlan plan = closed_form_plan(5'000, 12, 0.0);
    double variance = 0.0;
    for (int s = 0; s < 12; ++s) {
        for (int t = 0; t < 12; ++t) {
            variance += 1e4 * std::expm1(0.09 * std::min(s, t) / 12.0);
        }
    }
    const auto mean_is_1200 = [](std::size_t) { return 1200.0; };
    const SimulationResult result = simulate(columns, plan);
    const MeanVariance seen = mean_variance(result.actions[0]);
    EXPECT_LT(std::abs(seen.value - variance), 4.0 * seen.se);
    EXPECT_TRUE(agreement(result.actions[0].mean, result.actions[0].se, mean_is_1200).holds());

    columns.revenue_volatility.assign(200, 0.315);  // five percent too wide, and the test sees it
    const MeanVariance planted = mean_variance(simulate(columns, plan).actions[0]);
    EXPECT_GT(std::abs(planted.value - variance), 4.0 * planted.se);
    columns.revenue_volatility.assign(200, 0.3);
    columns.revenue_growth.assign(200, 0.02);  // a drift that is not compensated
    const SimulationResult drifting = simulate(columns, plan);
    EXPECT_FALSE(agreement(drifting.actions[0].mean, drifting.actions[0].se, mean_is_1200).holds());
}

}  // namespace
}  // namespace clv
