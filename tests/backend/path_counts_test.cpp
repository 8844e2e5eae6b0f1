// Numbers of paths that fill no vector, no group and no chunk: each instruction set gives the bits of one path at a
// time, and a path does not depend on how many follow it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "clv/core/errors.hpp"
#include "clv/simulation/backend.hpp"
#include "support/digest.hpp"
#include "support/instruction_sets.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

SimulationPlan counts_plan(std::int64_t paths) {
    SimulationPlan plan;
    plan.settings.paths = paths;
    plan.settings.horizon_months = 24;
    plan.settings.seed = 7;
    plan.settings.cashflow = true;
    plan.market = {0.1, 0.2};
    Action offer;
    offer.name = "offer";
    offer.cost = 2.0;
    offer.monthly_cost = 0.25;
    offer.acceptance = 0.6;
    offer.hazard_multiplier = {0.8, 0.1, 0.1};
    offer.revenue_multiplier = {1.05, 0.0, 0.1};
    offer.duration_months = 7;
    plan.actions = {offer};
    return plan;
}

SimulationResult run_on(const char* target, const SimulationPlan& plan) {
    const test::CpuTarget only(target);
    NoProgress progress;
    return make_cpu_backend(1)->run(test::mixed_customers(7), plan, progress);
}

class PathCountTest : public ::testing::TestWithParam<std::int64_t> {};

void expect_same_on_all(const SimulationPlan& plan) {
    const std::uint64_t alone = test::digest(run_on("scalar", plan));
    for (const char* target : test::instruction_sets) {
        try {
            EXPECT_EQ(test::digest(run_on(target, plan)), alone) << target;
        } catch (const BackendError& error) {
            GTEST_SKIP() << error.what();
        }
    }
}

TEST_P(PathCountTest, GivesTheSameBitsOnEveryInstructionSet) {
    expect_same_on_all(counts_plan(GetParam()));
}

/// Without a market and a cash flow, vectors take paths of similar lifetimes together.
TEST_P(PathCountTest, GivesTheSameBitsWherePathsAreSorted) {
    SimulationPlan plan = counts_plan(GetParam());
    plan.market = {};
    plan.settings.cashflow = false;
    expect_same_on_all(plan);
    plan.moments_only = true;
    expect_same_on_all(plan);
    plan.assignment = {0, 1, 1, 0, 1, 1, 0};
    expect_same_on_all(plan);
}

TEST_P(PathCountTest, DoesNotChangeThePathsBefore) {
    const auto paths = static_cast<std::size_t>(GetParam());
    NoProgress progress;
    const SubscriptionColumns columns = test::mixed_customers(7);
    const SimulationResult some = make_cpu_backend(1)->run(columns, counts_plan(GetParam()), progress);
    const SimulationResult more = make_cpu_backend(1)->run(columns, counts_plan(2'048), progress);
    ASSERT_EQ(some.totals.unit, more.totals.unit);
    for (std::size_t segment = 0; segment < 3; ++segment) {
        const auto begin = some.totals.values.begin() + static_cast<std::ptrdiff_t>(segment * paths);
        EXPECT_TRUE(std::equal(begin, begin + GetParam(),
                               more.totals.values.begin() + static_cast<std::ptrdiff_t>(segment * 2'048)));
    }
}

INSTANTIATE_TEST_SUITE_P(Paths, PathCountTest,
                         ::testing::Values(1, 15, 16, 17, 31, 33, 255, 257, 511, 513, 1'000, 1'025));

}  // namespace
}  // namespace clv
