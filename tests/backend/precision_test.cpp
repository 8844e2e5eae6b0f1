// Stopping when it is precise enough: who gets more paths, how many, and what they are used for.

#include "clv/simulation/precision.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "clv/core/errors.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/closed_form.hpp"
#include "support/digest.hpp"
#include "support/instruction_sets.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

using test::mixed_customers;

TEST(Precision, RatioIsTheLargerErrorOverWhatIsAllowed) {
    PrecisionTarget target;
    target.se = 0.02;
    EXPECT_DOUBLE_EQ(error_ratio(target, -50.0, 3.0, std::nullopt), 3.0);
    EXPECT_DOUBLE_EQ(error_ratio(target, 50.0, 3.0, 5.0), 5.0);
    EXPECT_EQ(error_ratio(target, 0.0, 3.0, 5.0), std::numeric_limits<double>::infinity());
    EXPECT_EQ(error_ratio(target, 0.0, 0.0, 0.0), 0.0);
    target.kind = PrecisionKind::absolute;
    EXPECT_DOUBLE_EQ(error_ratio(target, 0.0, 0.01, 0.005), 0.5);
}

TEST(Precision, RoundsAimAtTheTargetAndAtLeastDouble) {
    SimulationSettings settings;
    settings.paths = 1'000;
    settings.target = PrecisionTarget{};
    settings.target->max_paths = 50'001;
    EXPECT_EQ(paths_after_next_round(settings, 1'000, 1.1), 1'000 + 1'024);
    EXPECT_EQ(paths_after_next_round(settings, 1'000, 3.0), 1'000 + 8'000);
    EXPECT_EQ(paths_after_next_round(settings, 2'024, 2.0), 1'000 + 7'104);
    EXPECT_EQ(paths_after_next_round(settings, 26'000, 1.1), 50'001);
    EXPECT_EQ(paths_after_next_round(settings, 1'000, std::numeric_limits<double>::infinity()), 50'001);
    settings.sampler = Sampler::sobol;
    settings.paths = 1'600;
    EXPECT_EQ(paths_after_next_round(settings, 1'600, 1.1), 3'200);
    EXPECT_EQ(paths_after_next_round(settings, 1'600, 1.7), 4'800);
    EXPECT_EQ(paths_after_next_round(settings, 1'600, 30.0), 50'000);  // whole replicates
}

SimulationPlan precision_plan(Sampler sampler, bool with_target) {
    SimulationPlan plan;
    plan.settings.paths = 320;
    plan.settings.horizon_months = 18;
    plan.settings.seed = 11;
    plan.settings.cashflow = true;
    plan.settings.sampler = sampler;
    if (with_target) {
        plan.settings.target = PrecisionTarget{};
        plan.settings.target->se = sampler == Sampler::philox ? 0.02 : 0.008;
        plan.settings.target->max_paths = 4'000;
    }
    plan.market = {0.1, 0.2};
    Action offer;
    offer.name = "offer";
    offer.cost = 2.0;
    offer.monthly_cost = 0.25;
    offer.acceptance = 0.6;
    offer.hazard_multiplier = {0.8, 0.1, 0.1};
    offer.duration_months = 7;
    plan.actions = {offer};
    return plan;
}

SimulationResult run_precise(const SubscriptionColumns& columns, const SimulationPlan& plan,
                             const CpuSettings& settings = {}) {
    NoProgress progress;
    return make_cpu_backend(settings)->run(columns, plan, progress);
}

class TargetTest : public ::testing::TestWithParam<Sampler> {};

TEST_P(TargetTest, IsReachedByThoseWhoNeedMorePathsAndChangesNobodyElse) {
    const SubscriptionColumns columns = mixed_customers(120);
    const SimulationPlan plan = precision_plan(GetParam(), true);
    const SimulationResult plain = run_precise(columns, precision_plan(GetParam(), false));
    const SimulationResult precise = run_precise(columns, plan);
    const ClvFigures& before = plain.actions[0];
    const ClvFigures& after = precise.actions[0];
    const double target = plan.settings.target->se;
    std::size_t enough = 0;
    std::size_t improved = 0;
    std::size_t capped = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        ASSERT_EQ(plain.paths_used[i], 320U);
        ASSERT_LE(precise.paths_used[i], 4'000U);
        const bool met_before = before.se[i] <= target * std::abs(before.mean[i]);
        const bool met = after.se[i] <= target * std::abs(after.mean[i]);
        EXPECT_TRUE(met || precise.paths_used[i] == 4'000U) << i;
        EXPECT_EQ(precise.paths_used[i] == 320U, met_before) << i;
        if (met_before) {
            ++enough;
            EXPECT_EQ(after.mean[i], before.mean[i]);
            EXPECT_EQ(after.cvar_se[i], before.cvar_se[i]);
            EXPECT_EQ(precise.uplift[0].expected_profit_se[i], plain.uplift[0].expected_profit_se[i]);
        } else {
            improved += met ? 1 : 0;
            capped += met ? 0 : 1;
            EXPECT_NE(after.mean[i], before.mean[i]);
            EXPECT_NE(precise.actions[1].mean[i], plain.actions[1].mean[i]);
        }
    }
    EXPECT_GT(enough, 5U);
    EXPECT_GT(improved, 5U);
    EXPECT_GT(capped, 0U);
    EXPECT_EQ(precise.totals.unit, plain.totals.unit);
    EXPECT_EQ(precise.totals.values, plain.totals.values);
    EXPECT_EQ(precise.cashflow.values, plain.cashflow.values);
}

TEST_P(TargetTest, CanAskForAQuantileToo) {
    const SubscriptionColumns columns = mixed_customers(60);
    SimulationPlan plan = precision_plan(GetParam(), true);
    plan.settings.target->kind = PrecisionKind::absolute;
    plan.settings.target->se = 5.0;
    const SimulationResult of_mean = run_precise(columns, plan);
    plan.settings.target->quantile = 0.25;
    const SimulationResult of_both = run_precise(columns, plan);
    std::size_t more = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const bool met = of_both.actions[0].se[i] <= 5.0 && of_both.actions[0].quantile_se[1][i] <= 5.0;
        EXPECT_TRUE(met || of_both.paths_used[i] == 4'000U) << i;
        more += of_both.paths_used[i] > of_mean.paths_used[i] ? 1 : 0;
    }
    EXPECT_GT(more, 5U);
}

TEST_P(TargetTest, GivesTheSameBitsHoweverItIsExecuted) {
    const SubscriptionColumns columns = mixed_customers(40);
    const SimulationPlan plan = precision_plan(GetParam(), true);
    const SimulationResult expected = run_precise(columns, plan, {.threads = 1});
    const auto expect_same = [&](const CpuSettings& settings) {
        const SimulationResult result = run_precise(columns, plan, settings);
        EXPECT_EQ(test::digest(result), test::digest(expected));
        EXPECT_EQ(result.paths_used, expected.paths_used);
    };
    expect_same({.threads = 2, .customers_per_block = 7});
    expect_same({.threads = 1, .customers_per_batch = 16, .paths_per_check = 48});
    for (const char* target : test::instruction_sets) {
        const test::CpuTarget only(target);
        try {
            expect_same({.threads = 2});
        } catch (const BackendError&) {  // not on this processor
        }
    }
}

/// Every customer gets as many paths as there may be, as without any market.
TEST_P(TargetTest, TakesPathsOfTheirOwnWithAnHonestError) {
    const SubscriptionColumns columns = mixed_customers(600);
    SimulationPlan plan = precision_plan(GetParam(), true);
    plan.actions.clear();
    plan.market = {0.2, 0.0};  // moves no mean
    plan.settings.cashflow = false;
    plan.settings.target->se = 1e-12;
    plan.settings.target->max_paths = 1'280;
    const SimulationResult result = run_precise(columns, plan);
    double squares = 0.0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        ASSERT_EQ(result.paths_used[i], 1'280U);
        const double truth = expected_value(columns, i, plan.settings).clv;
        const double z = (result.actions[0].mean[i] - truth) / result.actions[0].se[i];
        squares += z * z / static_cast<double>(columns.size());
    }
    // Customers share the market: between them z is not independent, but little of a customer's noise is the market's.
    const double expected = GetParam() == Sampler::philox ? 1.0 : 15.0 / 13.0;
    EXPECT_NEAR(squares, expected, 4.0 * std::sqrt(2.0 / 600.0));
}

INSTANTIATE_TEST_SUITE_P(Samplers, TargetTest, ::testing::Values(Sampler::philox, Sampler::stratified, Sampler::sobol));

TEST(Target, IsRefusedForAQuantileThatIsNotReported) {
    SimulationPlan plan = precision_plan(Sampler::philox, true);
    plan.settings.target->quantile = 0.33;
    EXPECT_THROW((void)run_precise(mixed_customers(2), plan), ConfigError);
}

TEST(Target, AddsNothingToAnAssignedPlan) {
    const SubscriptionColumns columns = mixed_customers(20);
    SimulationPlan plan = precision_plan(Sampler::philox, true);
    plan.assignment.assign(columns.size(), 1);
    const SimulationResult with_target = run_precise(columns, plan);
    plan.settings.target.reset();
    const SimulationResult without = run_precise(columns, plan);
    EXPECT_EQ(with_target.totals.values, without.totals.values);
    EXPECT_EQ(with_target.uplift[0].expected_profit, without.uplift[0].expected_profit);
}

}  // namespace
}  // namespace clv
