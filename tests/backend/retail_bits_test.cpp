// The retail law gives the same bits on every instruction set, for any number of threads and any division of the work.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/content_hash.hpp"
#include "clv/simulation/backend.hpp"
#include "support/digest.hpp"
#include "support/instruction_sets.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

using test::digest;
using test::uniform;

struct Law {
    PurchaseLaw law;
    PurchaseParameters parameters;
    std::uint64_t pinned;
};

constexpr std::array laws{
    Law{PurchaseLaw::bg_nbd, {0.243, 4.414, 0.793, 2.426}, 1527857366471326030ULL},
    Law{PurchaseLaw::mbg_nbd, {0.525, 6.183, 0.891, 1.614}, 10108976496042724634ULL},
    Law{PurchaseLaw::pareto_nbd, {0.553, 10.578, 0.606, 11.669}, 1167955351951650885ULL},
    Law{PurchaseLaw::bg_bb, {1.204, 0.750, 0.657, 2.783}, 13843112848412597948ULL},
    Law{PurchaseLaw::nbd, {0.385, 12.072, 0.0, 0.0}, 1338698163445686987ULL},
};

/// Histories from nobody's to a daily buyer's, parameters in four draws, and a calendar.
RetailColumns mixed_buyers(const Law& law, std::size_t customers) {
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

SimulationPlan fixed_plan() {
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

SimulationResult run(const Backend& backend, const RetailColumns& columns, const SimulationPlan& plan) {
    NoProgress progress;
    return backend.run(columns, plan, progress);
}

void expect_pinned_digests(const Backend& backend) {
    for (const Law& law : laws) {
        EXPECT_EQ(digest(run(backend, mixed_buyers(law, 60), fixed_plan())), law.pinned) << static_cast<int>(law.law);
    }
}

class RetailInstructionSetTest : public ::testing::TestWithParam<const char*> {};

TEST_P(RetailInstructionSetTest, GivesThePinnedDigests) {
    const test::CpuTarget target(GetParam());
    const auto backend = make_cpu_backend(2);
    try {
        static_cast<void>(backend->capabilities());
    } catch (const Error& error) {
        GTEST_SKIP() << error.what();
    }
    expect_pinned_digests(*backend);
}

INSTANTIATE_TEST_SUITE_P(Cpu, RetailInstructionSetTest, ::testing::ValuesIn(test::instruction_sets),
                         [](const auto& info) { return info.param; });

class RetailDivisionTest : public ::testing::TestWithParam<CpuSettings> {};

TEST_P(RetailDivisionTest, DoesNotShow) {
    expect_pinned_digests(*make_cpu_backend(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Cpu, RetailDivisionTest,
                         ::testing::Values(CpuSettings{.threads = 1}, CpuSettings{.threads = 7},
                                           CpuSettings{.threads = 2, .customers_per_block = 1},
                                           CpuSettings{.threads = 2, .customers_per_batch = 7},
                                           CpuSettings{.threads = 1, .paths_per_check = 48}));

TEST(RetailBits, OrderOfCustomersDoesNotShow) {
    const RetailColumns columns = mixed_buyers(laws[0], 60);
    RetailColumns reversed = columns;
    const auto turn = [&](auto member) {
        auto& to = reversed.*member;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            to[i] = (columns.*member)[columns.size() - 1 - i];
        }
    };
    turn(&RetailColumns::id_hash);
    turn(&RetailColumns::frequency);
    turn(&RetailColumns::recency);
    turn(&RetailColumns::age);
    turn(&RetailColumns::monetary_value);
    turn(&RetailColumns::margin);
    turn(&RetailColumns::segment);
    const auto backend = make_cpu_backend(2);
    const SimulationResult straight = run(*backend, columns, fixed_plan());
    const SimulationResult turned = run(*backend, reversed, fixed_plan());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::size_t same = columns.size() - 1 - i;
        EXPECT_EQ(turned.actions[1].mean[same], straight.actions[1].mean[i]);
        EXPECT_EQ(turned.uplift[0].expected_profit_se[same], straight.uplift[0].expected_profit_se[i]);
    }
    EXPECT_EQ(turned.totals.values, straight.totals.values);
    EXPECT_EQ(turned.cashflow.values, straight.cashflow.values);
}

TEST(RetailBits, AnActionDoesNotDependOnTheOthers) {
    for (const Law& law : laws) {
        const RetailColumns columns = mixed_buyers(law, 30);
        SimulationPlan plan = fixed_plan();
        const SimulationResult both = run(*make_cpu_backend(2), columns, plan);
        plan.actions.erase(plan.actions.begin());
        const SimulationResult alone = run(*make_cpu_backend(2), columns, plan);
        plan.actions.clear();
        const SimulationResult none = run(*make_cpu_backend(2), columns, plan);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            EXPECT_EQ(none.actions[0].mean[i], both.actions[0].mean[i]);
            EXPECT_EQ(alone.actions[1].mean[i], both.actions[2].mean[i]);
            EXPECT_EQ(alone.uplift[0].cost[i], both.uplift[1].cost[i]);
        }
    }
}

TEST(RetailBits, AnAssignmentIsTheDifferenceOfTheSamePaths) {
    const RetailColumns columns = mixed_buyers(laws[2], 60);
    SimulationPlan plan = fixed_plan();
    const SimulationResult all = run(*make_cpu_backend(2), columns, plan);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        plan.assignment.push_back(static_cast<std::uint8_t>(i % 3));
    }
    const SimulationResult chosen = run(*make_cpu_backend(2), columns, plan);
    double total = 0.0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const double profit = i % 3 == 0 ? 0.0 : all.uplift[i % 3 - 1].expected_profit[i];
        EXPECT_EQ(chosen.uplift[0].expected_profit[i], profit);
        total += profit;
    }
    double mean_total = 0.0;
    for (const std::int64_t units : chosen.totals.values) {
        mean_total += static_cast<double>(units) * chosen.totals.unit / 500.0;
    }
    EXPECT_NEAR(mean_total, total, 1e-6 * std::abs(total));
}

}  // namespace
}  // namespace clv
