// What an action costs as a share of revenue: a free month by hand, closed forms of both laws in standard errors, an
// identity that holds to rounding in every kind of run, and the same bits on every instruction set. A share takes from
// the value what it adds to the cost: each check is shown to fail on a planted error.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/closed_form.hpp"
#include "support/agreement.hpp"
#include "support/cpu_run.hpp"
#include "support/digest.hpp"
#include "support/instruction_sets.hpp"
#include "support/retail_world.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

using test::run;

/// Mean of errors that are independent and 0 on average, in standard errors.
double z_of_mean(const std::vector<double>& errors) {
    const auto n = static_cast<double>(errors.size());
    const double mean = std::accumulate(errors.begin(), errors.end(), 0.0) / n;
    const double squares = std::accumulate(errors.begin(), errors.end(), 0.0, [&](double sum, double error) {
        return sum + (error - mean) * (error - mean);
    });
    return mean / std::sqrt(squares / (n - 1.0) / n);
}

TEST(RevenueShare, OfAFreeMonthIsThatMonth) {
    SubscriptionColumns columns = test::plain_customers(1);
    columns.margin[0] = 0.4;
    SimulationPlan plan;
    plan.settings.paths = 16;
    plan.settings.horizon_months = 6;
    plan.settings.discount_rate = {0.1};
    Action free_month;
    free_month.name = "free month";
    free_month.monthly_cost_share = 1.0;
    free_month.duration_months = 1;
    Action rebate;
    rebate.name = "rebate";
    rebate.monthly_cost_share = 0.25;
    rebate.revenue_multiplier.median = 2.0;
    rebate.price_multiplier.median = 0.9;
    rebate.duration_months = 2;
    plan.actions = {free_month, rebate};
    const SimulationResult result = run(columns, plan);
    const double first = std::pow(1.1, -0.5 / 12.0);
    const double second = std::pow(1.1, -1.5 / 12.0);
    constexpr double units = 1e-8;
    EXPECT_NEAR(result.uplift[0].cost[0], 100.0 * first, units);
    EXPECT_NEAR(result.uplift[0].expected_profit[0], -100.0 * first, units);
    // 180 paid for goods of 120, of which 45 go back: 15 a month, and 40 without
    EXPECT_NEAR(result.uplift[1].cost[0], 45.0 * (first + second), units);
    EXPECT_NEAR(result.uplift[1].expected_profit[0], -25.0 * (first + second), units);
}

/// Every kind of multiplier and share; none of the effects is shared, so customers are independent.
std::vector<Action> sharing_actions() {
    Action cashback;
    cashback.name = "cashback";
    cashback.monthly_cost_share = 0.05;
    cashback.hazard_multiplier.median = 0.7;
    Action partner;
    partner.name = "partner";
    partner.monthly_cost_share = 0.2;
    partner.cost = 1.0;
    partner.cost_if_accepted = 2.0;
    partner.acceptance = 0.6;
    partner.revenue_multiplier = {1.2, 0.0, 0.15};
    partner.price_multiplier = {1.05, 0.0, 0.1};
    partner.hazard_multiplier = {0.8, 0.0, 0.2};
    partner.duration_months = 7;
    Action half_price;
    half_price.name = "half price";
    half_price.monthly_cost_share = 0.5;
    half_price.monthly_cost = 0.5;
    half_price.acceptance = 0.4;
    half_price.revenue_multiplier.median = 1.3;
    half_price.duration_months = 3;
    return {cashback, partner, half_price};
}

TEST(RevenueShare, OfSubscriptionsHasItsExpectations) {
    const SubscriptionColumns columns = test::mixed_customers(400);
    SimulationPlan plan;
    plan.settings.paths = 2'000;
    plan.settings.horizon_months = 24;
    plan.settings.seed = 11;
    plan.actions = sharing_actions();
    const SimulationResult result = run(columns, plan);
    const auto truth = [&](std::size_t i, const Action* action) {
        return expected_value(columns, i, plan.settings, action);
    };
    for (std::size_t a = 1; a <= plan.actions.size(); ++a) {
        SCOPED_TRACE(plan.actions[a - 1].name);
        const UpliftFigures& uplift = result.uplift[a - 1];
        const auto value_agrees = [&](const Action& action) {
            return test::agreement(result.actions[a].mean, result.actions[a].se,
                                   [&](std::size_t i) { return truth(i, &action).clv; })
                .holds();
        };
        const auto z_of_profit = [&](const Action& action) {
            std::vector<double> errors;
            for (std::size_t i = 0; i < columns.size(); ++i) {
                errors.push_back(uplift.expected_profit[i] - (truth(i, &action).clv - truth(i, nullptr).clv));
            }
            return std::abs(z_of_mean(errors));
        };
        const auto z_of_cost = [&](const Action& action) {
            std::vector<double> errors;
            for (std::size_t i = 0; i < columns.size(); ++i) {
                errors.push_back(uplift.cost[i] - truth(i, &action).action_cost);
            }
            return std::abs(z_of_mean(errors));
        };
        Action planted = plan.actions[a - 1];
        EXPECT_TRUE(value_agrees(planted));
        EXPECT_LT(z_of_profit(planted), 4.0);
        EXPECT_LT(z_of_cost(planted), 4.0);
        planted.monthly_cost_share *= 1.1;
        EXPECT_GT(z_of_profit(planted), 4.0);
        EXPECT_GT(z_of_cost(planted), 4.0);
    }
}

/// The market moves all customers of a path together: seeds are what is independent.
TEST(RevenueShare, OfSubscriptionsInAMarketHasItsExpectations) {
    const SubscriptionColumns columns = test::mixed_customers(40);
    SimulationPlan plan;
    plan.settings.paths = 400;
    plan.settings.horizon_months = 18;
    plan.market.revenue_volatility = 0.3;
    plan.actions = sharing_actions();
    plan.actions[1].price_multiplier = {1.05, 0.1, 0.1};
    const std::size_t actions = plan.actions.size();
    std::vector<std::vector<double>> cost(actions);
    std::vector<std::vector<double>> profit(actions);
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        plan.settings.seed = seed;
        const SimulationResult result = run(columns, plan);
        for (std::size_t a = 0; a < actions; ++a) {
            const UpliftFigures& uplift = result.uplift[a];
            cost[a].push_back(std::accumulate(uplift.cost.begin(), uplift.cost.end(), 0.0));
            profit[a].push_back(std::accumulate(uplift.expected_profit.begin(), uplift.expected_profit.end(), 0.0));
        }
    }
    for (std::size_t a = 0; a < actions; ++a) {
        SCOPED_TRACE(plan.actions[a].name);
        for (const double planted : {1.0, 1.1}) {
            Action action = plan.actions[a];
            action.monthly_cost_share *= planted;
            double true_cost = 0.0;
            double true_profit = 0.0;
            for (std::size_t i = 0; i < columns.size(); ++i) {
                const ExpectedValue with = expected_value(columns, i, plan.settings, &action);
                true_cost += with.action_cost;
                true_profit += with.clv - expected_value(columns, i, plan.settings).clv;
            }
            const auto z = [](std::vector<double> estimates, double truth) {
                for (double& estimate : estimates) {
                    estimate -= truth;
                }
                return std::abs(z_of_mean(estimates));
            };
            if (planted == 1.0) {
                EXPECT_LT(z(cost[a], true_cost), 4.0);
                EXPECT_LT(z(profit[a], true_profit), 4.0);
            } else {
                EXPECT_GT(z(cost[a], true_cost), 4.0);
                EXPECT_GT(z(profit[a], true_profit), 4.0);
            }
        }
    }
}

/// NBD with Gamma-Gamma spend: nobody leaves, so active months are the first ones.
struct Buyers {
    RetailColumns columns;
    double r = 0.384768;
    double alpha = 12.072085;
    SpendParameters spend{6.249572, 3.744225, 15.443521};

    explicit Buyers(std::size_t customers) : columns(test::mixed_buyers(test::fitted_laws[4], customers)) {
        columns.draws = {RetailDraw{{r, alpha, 0.0, 0.0}, spend, {}}};
        for (std::size_t i = 0; i < customers; ++i) {
            columns.frequency[i] = std::min(columns.frequency[i], 12.0);
        }
    }
    /// Expected spend in the months up to `months`, discounted.
    [[nodiscard]] double spent(const SimulationPlan& plan, std::size_t i, int months) const {
        const auto [p, q, v] = spend;
        const double x = columns.frequency[i];
        const double each = p * (v + x * columns.monetary_value[i]) / (q + p * x - 1.0);
        double annuity = 0.0;
        for (int month = 1; month <= months; ++month) {
            annuity += std::pow(1.0 + plan.settings.discount_rate.value, -(month - 0.5) / 12.0);
        }
        return (r + x) / (alpha + columns.age[i]) * weeks_per_month * each * annuity;
    }
};

TEST(RevenueShare, OfPurchasesHasItsExpectations) {
    const Buyers buyers(300);
    SimulationPlan plan;
    plan.settings.paths = 20'000;
    plan.settings.horizon_months = 9;
    plan.settings.seed = 3;
    plan.actions = sharing_actions();
    for (Action& action : plan.actions) {
        action.monthly_cost = 0.0;
        action.hazard_multiplier = {};
    }
    const SimulationResult result = run(buyers.columns, plan);
    const auto mean_of = [](const UncertainMultiplier& multiplier) {
        return multiplier.median * std::exp(0.5 * std::pow(multiplier.customer_log_sd, 2));
    };
    for (std::size_t a = 0; a < plan.actions.size(); ++a) {
        SCOPED_TRACE(plan.actions[a].name);
        const UpliftFigures& uplift = result.uplift[a];
        for (const double planted : {1.0, 1.1}) {
            const Action& action = plan.actions[a];
            const double share = planted * action.monthly_cost_share;
            const double volume = mean_of(action.revenue_multiplier);
            const double price = mean_of(action.price_multiplier);
            std::vector<double> cost_errors;
            std::vector<double> profit_errors;
            for (std::size_t i = 0; i < buyers.columns.size(); ++i) {
                const double margin = buyers.columns.margin[i];
                const double spent = buyers.spent(plan, i, action.duration_months.value_or(9));
                const double paid_today = action.cost + action.acceptance * action.cost_if_accepted;
                const double gain = volume * (price * (1.0 - share) - (1.0 - margin)) - margin;
                cost_errors.push_back(uplift.cost[i] - paid_today - action.acceptance * share * volume * price * spent);
                profit_errors.push_back(uplift.expected_profit[i] + paid_today - action.acceptance * gain * spent);
            }
            const double z_of_cost = std::abs(z_of_mean(cost_errors));
            const double z_of_profit = std::abs(z_of_mean(profit_errors));
            if (planted == 1.0) {
                EXPECT_LT(z_of_cost, 4.0);
                EXPECT_LT(z_of_profit, 4.0);
                const auto z_of_each = test::agreement(uplift.expected_profit, uplift.expected_profit_se, [&](auto i) {
                    return uplift.expected_profit[i] - profit_errors[i];
                });
                EXPECT_LT(z_of_each.worst_z, 4.5);  // a few paths have most of the spend: not quite normal
            } else {
                EXPECT_GT(z_of_cost, 4.0);
                EXPECT_GT(z_of_profit, 4.0);
            }
        }
    }
}

/// Path by path a share takes from the value what it adds to the cost. So the same run without it has a profit that is
/// higher by as much as its cost is lower. Returns the largest difference, relative to the cost of the share.
template <class Columns>
double worst_imbalance(const Columns& columns, const SimulationPlan& plan, double planted = 1.0) {
    SimulationPlan without = plan;
    SimulationPlan with = plan;
    for (std::size_t a = 0; a < plan.actions.size(); ++a) {
        without.actions[a].monthly_cost_share = 0.0;
        with.actions[a].monthly_cost_share *= planted;
    }
    const SimulationResult kept = run(columns, without);
    const SimulationResult shared = run(columns, plan);
    const SimulationResult costed = planted == 1.0 ? shared : run(columns, with);
    double worst = 0.0;
    std::size_t compared = 0;
    for (std::size_t a = 0; a < shared.uplift.size(); ++a) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const double cost = costed.uplift[a].cost[i] - kept.uplift[a].cost[i];
            const double profit = kept.uplift[a].expected_profit[i] - shared.uplift[a].expected_profit[i];
            if (!std::isnan(cost) && cost > 1e-3) {
                worst = std::max(worst, std::abs(profit / cost - 1.0));
                ++compared;
            }
        }
    }
    EXPECT_GT(compared, columns.size() / 2);
    return worst;
}

constexpr double rounding = 1e-8;  // of units, relative to the smallest costs

/// Fresh paths of an assignment, and weighted ones, too.
template <class Columns>
void expect_balance(const Columns& columns, const SimulationPlan& plan) {
    EXPECT_LT(worst_imbalance(columns, plan), rounding);
    EXPECT_GT(worst_imbalance(columns, plan, 1.0 + 1e-6), 10.0 * rounding);

    SimulationPlan assigned = plan;
    assigned.settings.cashflow = false;
    assigned.first_path = static_cast<std::uint64_t>(plan.settings.paths);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        assigned.assignment.push_back(static_cast<std::uint8_t>(1 + i % plan.actions.size()));
    }
    EXPECT_LT(worst_imbalance(columns, assigned), rounding) << "assignment";

    SimulationPlan weighted = plan;
    weighted.settings.cashflow = false;
    for (std::int64_t path = 0; path < plan.settings.paths; ++path) {
        weighted.path_weights.push_back(path % 3 == 0 ? 0.0
                                                      : test::uniform(static_cast<std::size_t>(path), 5, 0.0, 1.0));
    }
    const double sum = std::accumulate(weighted.path_weights.begin(), weighted.path_weights.end(), 0.0);
    for (double& weight : weighted.path_weights) {
        weight /= sum;
    }
    EXPECT_LT(worst_imbalance(columns, weighted), rounding) << "weights";
    weighted.assignment = assigned.assignment;
    EXPECT_LT(worst_imbalance(columns, weighted), rounding) << "weights of an assignment";
}

SimulationPlan shared_subscription_plan(Sampler sampler) {
    SimulationPlan plan;
    plan.settings.sampler = sampler;
    plan.settings.paths = 304;
    plan.settings.horizon_months = 20;
    plan.settings.seed = 5;
    plan.market = {0.2, 0.3};
    plan.actions = sharing_actions();
    plan.actions[1].revenue_multiplier = {1.2, 0.1, 0.1};
    plan.actions[1].price_multiplier = {0.9, 0.1, 0.05};
    plan.actions[2].price_multiplier = {1.1, 0.0, 0.0};
    return plan;
}

SimulationPlan shared_retail_plan() {
    SimulationPlan plan = test::retail_plan();
    plan.actions[0].monthly_cost_share = 0.1;
    plan.actions[1].monthly_cost_share = 0.3;
    return plan;
}

TEST(RevenueShare, TakesFromTheValueWhatItAddsToTheCost) {
    const SubscriptionColumns columns = test::mixed_customers(60);
    for (const Sampler sampler : {Sampler::philox, Sampler::stratified, Sampler::sobol}) {
        SimulationPlan plan = shared_subscription_plan(sampler);
        expect_balance(columns, plan);
        plan.settings.churn_timing = ChurnTiming::start;
        plan.market = {};  // chunks are then put in the order of lifetimes
        expect_balance(columns, plan);
        plan.settings.target.emplace();
        plan.settings.target->se = 0.02;
        EXPECT_GT(std::ranges::max(run(columns, plan).paths_used), 304U);
        EXPECT_LT(worst_imbalance(columns, plan), rounding) << "further paths";
    }
}

TEST(RevenueShare, TakesFromTheValueOfPurchasesWhatItAddsToTheCost) {
    for (const test::FittedLaw& law : test::fitted_laws) {
        SCOPED_TRACE(law.name);
        expect_balance(test::mixed_buyers(law, 40), shared_retail_plan());
    }
}

class RevenueShareBits : public ::testing::TestWithParam<const char*> {};

TEST_P(RevenueShareBits, AreThoseOfScalarCode) {
    const auto digests = [](const CpuSettings& settings) {
        std::vector<std::uint64_t> all;
        for (const Sampler sampler : {Sampler::philox, Sampler::sobol}) {
            for (const bool has_gains : {false, true}) {
                SimulationPlan plan = shared_subscription_plan(sampler);
                plan.settings.uplift_distribution = has_gains;
                all.push_back(test::digest(run(test::mixed_customers(40), plan, settings)));
            }
        }
        for (const test::FittedLaw& law : test::fitted_laws) {
            SimulationPlan plan = shared_retail_plan();
            plan.settings.paths = 200;
            plan.settings.uplift_distribution = true;
            all.push_back(test::digest(run(test::mixed_buyers(law, 10), plan, settings)));
        }
        return all;
    };
    const auto scalar = [&] {
        const test::CpuTarget target("scalar");
        return digests({.threads = 1});
    }();
    const test::CpuTarget target(GetParam());
    try {
        static_cast<void>(make_cpu_backend(1)->capabilities());
    } catch (const Error& error) {
        GTEST_SKIP() << error.what();
    }
    EXPECT_EQ(digests({.threads = 1}), scalar);
    EXPECT_EQ(digests({.threads = 3, .customers_per_block = 3, .customers_per_batch = 7, .paths_per_check = 48}),
              scalar);
}

INSTANTIATE_TEST_SUITE_P(Cpu, RevenueShareBits, ::testing::ValuesIn(test::instruction_sets),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace clv
