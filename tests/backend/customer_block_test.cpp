// The body of a GPU's block, run on the host lane by lane, gives the figures of the CPU backend bit for bit: for every
// kind of world, block size and division of the block's memory.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "backend/host_grid.hpp"
#include "clv/core/errors.hpp"
#include "clv/simulation/backend.hpp"
#include "support/digest.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

using test::digest;
using test::HostBlockBackend;
using test::Lanes;
using test::mixed_customers;

struct World {
    std::string name;
    SubscriptionColumns columns;
    SimulationPlan plan;
};

Action action(std::string name, double hazard, double log_sd) {
    Action result;
    result.name = std::move(name);
    result.cost = 2.0;
    result.monthly_cost = 0.25;
    result.acceptance = 0.7;
    result.hazard_multiplier = {hazard, log_sd, 0.1};
    result.revenue_multiplier = {1.02, 0.0, 0.05};
    result.duration_months = 7;
    return result;
}

SimulationPlan plan_of(std::int64_t paths, std::size_t actions) {
    SimulationPlan plan;
    plan.settings.paths = paths;
    plan.settings.horizon_months = 14;
    plan.settings.seed = 7;
    for (std::size_t a = 0; a < actions; ++a) {
        plan.actions.push_back(action("action " + std::to_string(a), 0.9 - 0.1 * static_cast<double>(a), 0.1));
    }
    return plan;
}

World world(const std::string& name) {
    World result{name, mixed_customers(9), plan_of(300, 2)};
    SubscriptionColumns& columns = result.columns;
    SimulationPlan& plan = result.plan;
    if (name == "no_action") {
        plan.actions.clear();
    } else if (name == "eight_actions") {
        plan = plan_of(200, 8);
        plan.actions[3].price_multiplier = {0.9, 0.05, 0.0};
        plan.actions[4].duration_months.reset();
        plan.actions[5].hazard_multiplier = {0.0, 0.0, 0.0};
    } else if (name == "revenue_share") {
        plan = plan_of(300, 4);
        plan.market = {0.2, 0.0};
        for (std::size_t a = 0; a < 3; ++a) {
            plan.actions[a].monthly_cost_share = 0.1 + 0.2 * static_cast<double>(a);
        }
        plan.actions[1].revenue_multiplier = {1.3, 0.0, 0.0};  // certain
        plan.actions[2].price_multiplier = {0.9, 0.1, 0.0};
        plan.actions[2].duration_months.reset();
    } else if (name == "market") {
        plan.market = {0.2, 0.4};
    } else if (name == "cash_flow") {
        plan.market = {0.1, 0.0};
        plan.settings.cashflow = true;
        plan.settings.churn_timing = ChurnTiming::start;
    } else if (name == "certain_churn") {
        for (std::size_t i = 0; i < columns.size(); i += 2) {
            columns.hazards.customers[i].tail = certain_churn_hazard;
        }
        plan.actions[1].hazard_multiplier = {0.0, 0.0, 0.0};
    } else if (name == "eligibility") {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            plan.eligible.push_back(static_cast<std::uint8_t>(i % 4));
        }
    } else if (name == "assignment") {
        plan.first_path = 300;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            plan.assignment.push_back(static_cast<std::uint8_t>(i % 3));
        }
    } else if (name == "ties") {
        columns = test::plain_customers(6);
        test::set_constant_churn(columns, 0.08);
        columns.retention_cost[1] = 100.0;  // worth nothing, whenever they leave
    } else if (name == "never_churns") {
        columns = test::plain_customers(3);
    } else if (name == "crossing_zero") {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            columns.acquisition_cost[i] = 4.0 * columns.monthly_revenue[i];
            columns.revenue_volatility[i] = 1.5;
        }
    } else if (name == "extreme_costs") {
        columns.retention_cost.assign(columns.size(), 1e6);
        columns.monthly_revenue.assign(columns.size(), 1e-6);
    } else if (name == "moments_only") {
        plan.moments_only = true;
    } else if (name == "one_path") {
        plan.settings.paths = 1;
    } else if (name == "many_quantiles") {
        plan = plan_of(2'000, 0);
        plan.settings.quantiles.clear();
        for (int percent = 1; percent < 100; percent += 2) {
            plan.settings.quantiles.push_back(percent / 100.0);
        }
        plan.settings.cvar_level = 0.333;
    }
    return result;
}

SimulationResult run(const Backend& backend, const World& world) {
    NoProgress progress;
    return backend.run(world.columns, world.plan, progress);
}

struct Shape {
    std::string name;
    std::uint32_t lanes;
    std::uint32_t chunk_paths;  ///< 0: all
    std::uint32_t pool_words;
};

const std::vector<Shape> shapes{
    {"32lanes_at_hand", 32, 0, 512}, {"64lanes_in_chunks", 64, 64, 256},     {"96lanes_odd_chunks", 96, 41, 200},
    {"128lanes", 128, 128, 1'024},   {"256lanes_least_pool", 256, 256, 128},
};

class CustomerBlockTest : public ::testing::TestWithParam<std::tuple<const char*, Shape>> {};

TEST_P(CustomerBlockTest, GivesTheBitsOfTheCpu) {
    const World sample = world(std::get<0>(GetParam()));
    const Shape& shape = std::get<1>(GetParam());
    const std::uint64_t expected = digest(run(*make_cpu_backend(1), sample));
    for (const Lanes order : {Lanes::forwards, Lanes::backwards}) {
        const HostBlockBackend blocks(
            [&](const cuda::BlockWork& work) {
                return cuda::block_of(work, shape.lanes, shape.chunk_paths == 0 ? work.paths : shape.chunk_paths,
                                      work.ranks == 0 ? 0 : shape.pool_words);
            },
            order, order == Lanes::backwards);
        EXPECT_EQ(digest(run(blocks, sample)), expected)
            << (order == Lanes::backwards ? "backwards, values kept" : "forwards");
    }
}

INSTANTIATE_TEST_SUITE_P(
    Worlds, CustomerBlockTest,
    ::testing::Combine(::testing::Values("plain", "no_action", "eight_actions", "revenue_share", "market", "cash_flow",
                                         "certain_churn", "eligibility", "assignment", "ties", "never_churns",
                                         "crossing_zero", "extreme_costs", "moments_only", "one_path",
                                         "many_quantiles"),
                       ::testing::ValuesIn(shapes)),
    [](const auto& info) { return std::string(std::get<0>(info.param)) + "_" + std::get<1>(info.param).name; });

/// Enough paths that intervals overflow what is gathered, and are counted again.
TEST(CustomerBlock, NarrowsCrowdedIntervals) {
    World sample{"crowded", mixed_customers(2), plan_of(60'000, 1)};
    sample.columns.revenue_volatility[0] = 0.0;  // a few values, each of thousands of paths
    sample.columns.revenue_volatility[1] = 2.5;  // most of them close together, some far out
    const std::uint64_t expected = digest(run(*make_cpu_backend(1), sample));
    for (const std::uint32_t pool_words : {128U, 300U, 2'048U}) {
        const HostBlockBackend blocks(
            [&](const cuda::BlockWork& work) { return cuda::block_of(work, 128, work.paths, pool_words); });
        EXPECT_EQ(digest(run(blocks, sample)), expected) << pool_words;
    }
}

/// Seen by ThreadSanitizer, this finds phases that clash.
TEST(CustomerBlock, LanesMayBeThreads) {
    for (const char* name : {"eight_actions", "cash_flow", "ties", "eligibility"}) {
        World sample = world(name);
        sample.plan.settings.paths = 80;
        const std::uint64_t expected = digest(run(*make_cpu_backend(1), sample));
        for (const std::uint32_t chunk_paths : {25U, 80U}) {
            const HostBlockBackend blocks(
                [&](const cuda::BlockWork& work) { return cuda::block_of(work, 16, chunk_paths, 128); }, Lanes::threads,
                chunk_paths == 25U);
            EXPECT_EQ(digest(run(blocks, sample)), expected) << name << ' ' << chunk_paths;
        }
    }
}

TEST(CustomerBlock, RefusesWhatTheCpuRefuses) {
    World sample{"wild", mixed_customers(3), plan_of(400, 1)};
    sample.plan.actions[0].revenue_multiplier = {1.0, 40.0, 0.0};
    EXPECT_THROW(static_cast<void>(run(*make_cpu_backend(1), sample)), ModelError);
    const HostBlockBackend blocks([](const cuda::BlockWork& work) { return cuda::block_of(work, 64, 64, 256); });
    EXPECT_THROW(static_cast<void>(run(blocks, sample)), ModelError);
}

TEST(BlockShape, FillsTheMemoryItIsGivenAndNoMore) {
    for (const int alternatives : {1, 2, 9}) {
        for (const std::uint32_t paths : {1U, 500U, 10'000U, 1U << 27}) {
            const cuda::BlockWork work{paths, alternatives, 36, 16, false};
            const auto shape = cuda::fit_block(work, 256, 113'000);
            ASSERT_TRUE(shape.has_value());
            EXPECT_LE(shape->layout.bytes, 113'000U);
            EXPECT_GE(shape->pool_words, 256U);
            EXPECT_EQ(shape->layout.bytes,
                      cuda::block_of(work, 256, shape->chunk_paths, shape->pool_words).layout.bytes);
        }
    }
    EXPECT_EQ(cuda::fit_block({1'000, 1, 36, 16, false}, 256, 113'000)->chunk_paths, 1'000U);
    EXPECT_FALSE(cuda::fit_block({1'000, 9, 120, 16, true}, 512, 113'000).has_value());
}

}  // namespace
}  // namespace clv
