// The retail law gives the same bits on every instruction set, for any number of threads and any division of the work.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/simulation/backend.hpp"
#include "support/digest.hpp"
#include "support/gpu_backend.hpp"
#include "support/instruction_sets.hpp"
#include "support/retail_world.hpp"

namespace clv {
namespace {

using test::digest;
using test::fitted_laws;
using test::FittedLaw;
using test::mixed_buyers;
using test::retail_plan;

/// Of fitted_laws.
constexpr std::array pinned{
    11419672072935069324ULL, 2673241808063130512ULL,  13590678561375768461ULL,
    10684146022645847787ULL, 14112275271878844003ULL,
};
static_assert(pinned.size() == fitted_laws.size());

SimulationResult run_retail(const Backend& backend, const RetailColumns& columns, const SimulationPlan& plan) {
    NoProgress progress;
    return backend.run(columns, plan, progress);
}

void expect_pinned_retail_digests(const Backend& backend) {
    for (std::size_t i = 0; i < pinned.size(); ++i) {
        const FittedLaw& law = fitted_laws[i];
        EXPECT_EQ(digest(run_retail(backend, mixed_buyers(law, 60), retail_plan())), pinned[i]) << law.name;
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
    expect_pinned_retail_digests(*backend);
}

INSTANTIATE_TEST_SUITE_P(Cpu, RetailInstructionSetTest, ::testing::ValuesIn(test::instruction_sets),
                         [](const auto& info) { return info.param; });

TEST(RetailBits, OnAGpu) {
    const auto cuda = test::gpu_backend();
    if (!cuda.backend) {
        GTEST_SKIP() << cuda.why_not;
    }
    expect_pinned_retail_digests(*cuda.backend);
}

class RetailDivisionTest : public ::testing::TestWithParam<CpuSettings> {};

TEST_P(RetailDivisionTest, DoesNotShow) {
    expect_pinned_retail_digests(*make_cpu_backend(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Cpu, RetailDivisionTest,
                         ::testing::Values(CpuSettings{.threads = 1}, CpuSettings{.threads = 7},
                                           CpuSettings{.threads = 2, .customers_per_block = 1},
                                           CpuSettings{.threads = 2, .customers_per_batch = 7},
                                           CpuSettings{.threads = 1, .paths_per_check = 48}));

TEST(RetailBits, OrderOfCustomersDoesNotShow) {
    const RetailColumns columns = mixed_buyers(fitted_laws[0], 60);
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
    const SimulationResult straight = run_retail(*backend, columns, retail_plan());
    const SimulationResult turned = run_retail(*backend, reversed, retail_plan());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::size_t same = columns.size() - 1 - i;
        EXPECT_EQ(turned.actions[1].mean[same], straight.actions[1].mean[i]);
        EXPECT_EQ(turned.uplift[0].expected_profit_se[same], straight.uplift[0].expected_profit_se[i]);
    }
    EXPECT_EQ(turned.totals.values, straight.totals.values);
    EXPECT_EQ(turned.cashflow.values, straight.cashflow.values);
}

TEST(RetailBits, AnActionDoesNotDependOnTheOthers) {
    for (const FittedLaw& law : fitted_laws) {
        const RetailColumns columns = mixed_buyers(law, 30);
        SimulationPlan plan = retail_plan();
        const SimulationResult both = run_retail(*make_cpu_backend(2), columns, plan);
        plan.actions.erase(plan.actions.begin());
        const SimulationResult alone = run_retail(*make_cpu_backend(2), columns, plan);
        plan.actions.clear();
        const SimulationResult none = run_retail(*make_cpu_backend(2), columns, plan);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            EXPECT_EQ(none.actions[0].mean[i], both.actions[0].mean[i]);
            EXPECT_EQ(alone.actions[1].mean[i], both.actions[2].mean[i]);
            EXPECT_EQ(alone.uplift[0].cost[i], both.uplift[1].cost[i]);
        }
    }
}

TEST(RetailBits, AnAssignmentIsTheDifferenceOfTheSamePaths) {
    const RetailColumns columns = mixed_buyers(fitted_laws[2], 60);
    SimulationPlan plan = retail_plan();
    const SimulationResult all = run_retail(*make_cpu_backend(2), columns, plan);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        plan.assignment.push_back(static_cast<std::uint8_t>(i % 3));
    }
    const SimulationResult chosen = run_retail(*make_cpu_backend(2), columns, plan);
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
