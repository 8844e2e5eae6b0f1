// Same inputs, same bits: across instruction sets, threads, block borders, the order of the customers, the company
// they are in, and backends. The digest of a fixed run is pinned: a change of it is a change of every user's
// numbers.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <tuple>

#include "clv/core/errors.hpp"
#include "clv/simulation/backend.hpp"
#include "support/digest.hpp"
#include "support/gpu_backend.hpp"
#include "support/instruction_sets.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

using test::digest;
using test::mixed_customers;

constexpr std::uint64_t pinned_digest = 7129158554981105443ULL;
/// The same plan with other samplers.
constexpr std::uint64_t pinned_stratified = 18408549915295810185ULL;
constexpr std::uint64_t pinned_sobol = 18383992544914634533ULL;

SimulationPlan fixed_plan(Sampler sampler = Sampler::philox) {
    SimulationPlan plan;
    plan.settings.sampler = sampler;
    plan.settings.paths = sampler == Sampler::philox ? 500 : 496;
    plan.settings.horizon_months = 30;
    plan.settings.seed = 42;
    plan.settings.cashflow = true;
    plan.market = {0.15, 0.3};
    Action discount;
    discount.name = "10% discount";
    discount.price_multiplier = {0.9, 0.0, 0.0};
    discount.hazard_multiplier = {0.7, 0.2, 0.1};
    discount.acceptance = 0.8;
    Action call;
    call.name = "call";
    call.cost = 4.0;
    call.monthly_cost = 0.5;
    call.hazard_multiplier = {0.6, 0.0, 0.3};
    call.revenue_multiplier = {1.1, 0.05, 0.0};
    call.acceptance = 0.3;
    call.duration_months = 9;
    plan.actions = {discount, call};
    return plan;
}

SimulationResult run_contracts(const Backend& backend, const SubscriptionColumns& columns, const SimulationPlan& plan) {
    NoProgress progress;
    return backend.run(columns, plan, progress);
}

void expect_pinned_digests(const Backend& backend) {
    const SubscriptionColumns columns = mixed_customers(150);
    EXPECT_EQ(digest(run_contracts(backend, columns, fixed_plan())), pinned_digest);
    EXPECT_EQ(digest(run_contracts(backend, columns, fixed_plan(Sampler::stratified))), pinned_stratified);
    EXPECT_EQ(digest(run_contracts(backend, columns, fixed_plan(Sampler::sobol))), pinned_sobol);
}

/// Customers in another order, or some of them.
SubscriptionColumns pick(const SubscriptionColumns& from, const std::vector<std::size_t>& order) {
    SubscriptionColumns columns;
    columns.hazards.pool = from.hazards.pool;
    columns.segments = from.segments;
    for (const std::size_t i : order) {
        columns.id_hash.push_back(from.id_hash[i]);
        columns.monthly_revenue.push_back(from.monthly_revenue[i]);
        columns.margin.push_back(from.margin[i]);
        columns.retention_cost.push_back(from.retention_cost[i]);
        columns.acquisition_cost.push_back(from.acquisition_cost[i]);
        columns.revenue_growth.push_back(from.revenue_growth[i]);
        columns.revenue_volatility.push_back(from.revenue_volatility[i]);
        columns.market_beta.push_back(from.market_beta[i]);
        columns.hazards.customers.push_back(from.hazards.customers[i]);
        columns.segment.push_back(from.segment[i]);
    }
    return columns;
}

class InstructionSetTest : public ::testing::TestWithParam<const char*> {};

TEST_P(InstructionSetTest, GivesThePinnedDigest) {
    const test::CpuTarget target(GetParam());
    const auto backend = make_cpu_backend(2);
    try {
        static_cast<void>(backend->capabilities());
    } catch (const Error& error) {
        GTEST_SKIP() << error.what();
    }
    expect_pinned_digests(*backend);
}

INSTANTIATE_TEST_SUITE_P(Cpu, InstructionSetTest, ::testing::ValuesIn(test::instruction_sets),
                         [](const auto& info) { return info.param; });

TEST(SameBits, OnAGpu) {
    const auto cuda = test::gpu_backend();
    if (!cuda.backend) {
        GTEST_SKIP() << cuda.why_not;
    }
    EXPECT_EQ(digest(run_contracts(*cuda.backend, mixed_customers(150), fixed_plan())), pinned_digest);
}

class ThreadsTest : public ::testing::TestWithParam<int> {};

TEST_P(ThreadsTest, DoNotShow) {
    expect_pinned_digests(*make_cpu_backend(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Cpu, ThreadsTest, ::testing::Values(1, 2, 7));

class DivisionTest : public ::testing::TestWithParam<std::tuple<std::size_t, std::size_t, std::uint32_t>> {};

TEST_P(DivisionTest, DoesNotShow) {
    const auto [block, batch, check] = GetParam();
    const CpuSettings settings{
        .threads = 2, .customers_per_block = block, .customers_per_batch = batch, .paths_per_check = check};
    expect_pinned_digests(*make_cpu_backend(settings));
}

INSTANTIATE_TEST_SUITE_P(Blocks, DivisionTest,
                         ::testing::Combine(::testing::Values(1, 3, 64, 1'000), ::testing::Values(1, 7, 100'000),
                                            ::testing::Values(65'536)));
INSTANTIATE_TEST_SUITE_P(Paths, DivisionTest,
                         ::testing::Combine(::testing::Values(64), ::testing::Values(65'536),
                                            ::testing::Values(1, 16, 48, 100, 499)));

TEST(SameBits, AnotherSeedGivesOtherBits) {
    SimulationPlan plan = fixed_plan();
    plan.settings.seed = 43;
    EXPECT_NE(digest(run_contracts(*make_cpu_backend(2), mixed_customers(150), plan)), pinned_digest);
}

class OrderTest : public ::testing::TestWithParam<Sampler> {};

TEST_P(OrderTest, OfCustomersKeepsTheirFiguresAndThePortfolioItsBits) {
    const SubscriptionColumns columns = mixed_customers(150);
    const SimulationPlan plan = fixed_plan(GetParam());
    const SimulationResult straight = run_contracts(*make_cpu_backend(2), columns, plan);
    std::vector<std::size_t> order(columns.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = order.size() - 1; i > 0; --i) {
        std::swap(order[i], order[static_cast<std::size_t>(test::uniform(i, 99, 0.0, static_cast<double>(i + 1)))]);
    }
    const SimulationResult shuffled = run_contracts(*make_cpu_backend(2), pick(columns, order), plan);
    for (std::size_t i = 0; i < order.size(); ++i) {
        EXPECT_EQ(shuffled.actions[1].mean[i], straight.actions[1].mean[order[i]]);
        EXPECT_EQ(shuffled.actions[0].quantiles[0][i], straight.actions[0].quantiles[0][order[i]]);
        EXPECT_EQ(shuffled.uplift[1].expected_profit_se[i], straight.uplift[1].expected_profit_se[order[i]]);
    }
    EXPECT_EQ(shuffled.totals.unit, straight.totals.unit);
    EXPECT_EQ(shuffled.totals.values, straight.totals.values);
    EXPECT_EQ(shuffled.cashflow.values, straight.cashflow.values);
}

INSTANTIATE_TEST_SUITE_P(Samplers, OrderTest, ::testing::Values(Sampler::philox, Sampler::stratified, Sampler::sobol));

TEST(SameBits, ACustomerDoesNotDependOnTheOthers) {
    const SubscriptionColumns columns = mixed_customers(150);
    const SimulationPlan plan = fixed_plan();
    const SimulationResult all = run_contracts(*make_cpu_backend(2), columns, plan);
    const SimulationResult some = run_contracts(*make_cpu_backend(1), pick(columns, {7, 77, 149}), plan);
    EXPECT_EQ(some.actions[2].mean[1], all.actions[2].mean[77]);
    EXPECT_EQ(some.actions[0].cvar_se[2], all.actions[0].cvar_se[149]);
}

TEST(SameBits, AnActionDoesNotDependOnTheOthers) {
    const SubscriptionColumns columns = mixed_customers(40);
    SimulationPlan plan = fixed_plan();
    const SimulationResult both = run_contracts(*make_cpu_backend(2), columns, plan);
    plan.actions.erase(plan.actions.begin());
    const SimulationResult alone = run_contracts(*make_cpu_backend(2), columns, plan);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        EXPECT_EQ(alone.actions[0].mean[i], both.actions[0].mean[i]);
        EXPECT_EQ(alone.actions[1].mean[i], both.actions[2].mean[i]);
        EXPECT_EQ(alone.actions[1].quantiles[2][i], both.actions[2].quantiles[2][i]);
        EXPECT_EQ(alone.uplift[0].expected_profit_se[i], both.uplift[1].expected_profit_se[i]);
    }
}

TEST(SameBits, AnAssignmentIsTheDifferenceOfTheSamePaths) {
    const SubscriptionColumns columns = mixed_customers(60);
    SimulationPlan plan = fixed_plan();
    const SimulationResult all = run_contracts(*make_cpu_backend(2), columns, plan);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        plan.assignment.push_back(static_cast<std::uint8_t>(i % 3));
    }
    const SimulationResult chosen = run_contracts(*make_cpu_backend(2), columns, plan);
    double total = 0.0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const double profit = i % 3 == 0 ? 0.0 : all.uplift[i % 3 - 1].expected_profit[i];
        EXPECT_EQ(chosen.uplift[0].expected_profit[i], profit);
        EXPECT_EQ(chosen.uplift[0].cost[i], i % 3 == 0 ? 0.0 : all.uplift[i % 3 - 1].cost[i]);
        total += profit;
    }
    double mean_total = 0.0;
    for (const std::int64_t units : chosen.totals.values) {
        mean_total += static_cast<double>(units) * chosen.totals.unit / 500.0;
    }
    EXPECT_NEAR(mean_total, total, 1e-6 * std::abs(total));
    // fresh paths are other paths
    plan.first_path = 500;
    const SimulationResult fresh = run_contracts(*make_cpu_backend(2), columns, plan);
    EXPECT_NE(fresh.uplift[0].expected_profit[1], chosen.uplift[0].expected_profit[1]);
}

}  // namespace
}  // namespace clv
