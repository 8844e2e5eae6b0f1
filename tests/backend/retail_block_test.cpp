// The retail law in the body of a GPU's block, run on the host lane by lane, gives the figures of the CPU backend
// bit for bit: for every purchase law, kind of plan, block size and division of the block's memory.

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "backend/host_grid.hpp"
#include "clv/core/errors.hpp"
#include "clv/simulation/backend.hpp"
#include "support/digest.hpp"
#include "support/gpu_backend.hpp"
#include "support/retail_world.hpp"

namespace clv {
namespace {

using test::digest;
using test::fitted_laws;
using test::FittedLaw;
using test::HostBlockBackend;
using test::Lanes;
using test::mixed_buyers;
using test::retail_plan;

struct RetailGroup {
    RetailColumns columns;
    SimulationPlan plan;
};

/// Nine customers; parameters in four draws, a calendar, two actions, and the cash flow unless told otherwise.
RetailGroup world(const FittedLaw& law, const std::string& kind) {
    RetailGroup result{mixed_buyers(law, 9), retail_plan()};
    RetailColumns& columns = result.columns;
    SimulationPlan& plan = result.plan;
    plan.settings.paths = 300;
    if (kind == "no_action") {
        plan.actions.clear();
    } else if (kind == "eight_actions") {
        plan.settings.paths = 150;
        while (plan.actions.size() < 8) {
            Action action = plan.actions[plan.actions.size() % 2];
            action.name += std::to_string(plan.actions.size());
            action.cost_if_accepted = 0.5;
            action.acceptance = 0.1 * static_cast<double>(plan.actions.size());
            plan.actions.push_back(action);
        }
        plan.actions[4].revenue_multiplier = {0.0, 0.0, 0.0};
        plan.actions[5].hazard_multiplier = {0.0, 0.0, 0.0};
    } else if (kind == "revenue_share") {
        plan.actions[0].monthly_cost_share = 0.2;
        plan.actions.push_back(plan.actions[0]);
        plan.actions[2].name = "free month";
        plan.actions[2].monthly_cost_share = 1.0;
        plan.actions[2].duration_months = 1;
    } else if (kind == "plain") {  // the clock is the time, one draw, purchases are counted
        columns.draws.resize(1);
        columns.draws[0].calendar = {};
        columns.draws[0].spend = {};
        plan.settings.cashflow = false;
    } else if (kind == "eligibility") {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            plan.eligible.push_back(static_cast<std::uint8_t>(i % 4));
        }
    } else if (kind == "assignment") {
        plan.first_path = 300;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            plan.assignment.push_back(static_cast<std::uint8_t>(i % 3));
        }
    } else if (kind == "shifted_sources") {
        plan.shuffles_draws = true;
        plan.shifts = {300, 0, 600, 900};
        plan.moments_only = true;
    } else if (kind == "one_path") {
        plan.settings.paths = 1;
    } else {
        EXPECT_EQ(kind, "calendar");
    }
    return result;
}

SimulationResult run_group(const Backend& backend, const RetailGroup& world) {
    NoProgress progress;
    return backend.run(world.columns, world.plan, progress);
}

struct RetailShape {
    std::string name;
    std::uint32_t lanes;
    std::uint32_t chunk_paths;  ///< 0: all
    std::uint32_t pool_words;
};

const std::vector<RetailShape> retail_shapes{
    {"32lanes_at_hand", 32, 0, 512},  {"64lanes_in_chunks", 64, 64, 256}, {"96lanes_odd_chunks", 96, 41, 200},
    {"16lanes_slices", 16, 150, 128}, {"256lanes", 256, 0, 1'024},
};

class RetailBlockTest : public ::testing::TestWithParam<std::tuple<FittedLaw, const char*>> {};

TEST_P(RetailBlockTest, GivesTheBitsOfTheCpu) {
    const RetailGroup sample = world(std::get<0>(GetParam()), std::get<1>(GetParam()));
    const std::uint64_t expected = digest(run_group(*make_cpu_backend(1), sample));
    for (const RetailShape& shape : retail_shapes) {
        for (const Lanes order : {Lanes::forwards, Lanes::backwards}) {
            const HostBlockBackend blocks(
                [&](const cuda::BlockWork& work) {
                    return cuda::block_of(work, shape.lanes, shape.chunk_paths == 0 ? work.paths : shape.chunk_paths,
                                          work.ranks == 0 ? 0 : shape.pool_words);
                },
                order, order == Lanes::backwards);
            EXPECT_EQ(digest(run_group(blocks, sample)), expected)
                << shape.name << (order == Lanes::backwards ? " backwards, values kept" : " forwards");
        }
    }
}

TEST_P(RetailBlockTest, GivesTheBitsOfTheCpuOnAGpu) {
    const auto cuda = test::gpu_backend();
    if (!cuda.backend) {
        GTEST_SKIP() << cuda.why_not;
    }
    const RetailGroup sample = world(std::get<0>(GetParam()), std::get<1>(GetParam()));
    EXPECT_EQ(digest(run_group(*cuda.backend, sample)), digest(run_group(*make_cpu_backend(1), sample)));
}

INSTANTIATE_TEST_SUITE_P(
    Worlds, RetailBlockTest,
    ::testing::Combine(::testing::ValuesIn(fitted_laws),
                       ::testing::Values("calendar", "no_action", "eight_actions", "revenue_share", "plain",
                                         "eligibility", "assignment", "shifted_sources", "one_path")),
    [](const auto& info) { return std::string(std::get<0>(info.param).name) + "_" + std::get<1>(info.param); });

/// Seen by ThreadSanitizer, this finds phases that clash.
TEST(RetailBlock, LanesMayBeThreads) {
    for (const FittedLaw& law : fitted_laws) {
        RetailGroup sample = world(law, "calendar");
        sample.plan.settings.paths = 80;
        const std::uint64_t expected = digest(run_group(*make_cpu_backend(1), sample));
        for (const std::uint32_t chunk_paths : {25U, 80U}) {
            const HostBlockBackend blocks(
                [&](const cuda::BlockWork& work) { return cuda::block_of(work, 16, chunk_paths, 128); }, Lanes::threads,
                chunk_paths == 25U);
            EXPECT_EQ(digest(run_group(blocks, sample)), expected) << law.name << ' ' << chunk_paths;
        }
    }
}

TEST(RetailBlock, RefusesWhatTheCpuRefuses) {
    RetailGroup sample = world(fitted_laws[0], "calendar");
    sample.plan.actions[0].price_multiplier = {1.0, 40.0, 0.0};
    EXPECT_THROW(static_cast<void>(run_group(*make_cpu_backend(1), sample)), ModelError);
    const HostBlockBackend blocks([](const cuda::BlockWork& work) { return cuda::block_of(work, 64, 64, 256); });
    EXPECT_THROW(static_cast<void>(run_group(blocks, sample)), ModelError);
}

/// What the law keeps of its living paths fits where the sums of lanes stand later.
TEST(RetailBlock, KeepsPathsWhereSumsStand) {
    const cuda::BlockWork work{1'000, 3, 36, 16, true, PathLaw::retail};
    const cuda::BlockLayout at = cuda::block_of(work, 256, 256, 256).layout;
    EXPECT_EQ(at.living, at.sums);
    EXPECT_GE(at.retail - at.sums, 256U * cuda::slice_paths_per_lane * 20U);
    EXPECT_LE(at.retail - at.sums, 2U * 256U * sizeof(UnitSums));
    EXPECT_EQ(at.noise, 0U);
}

}  // namespace
}  // namespace clv
