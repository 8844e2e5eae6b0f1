// What a run allocates depends on neither the number of customers nor the number of paths: buffers are sized once per
// run, batch and thread. Counted by replacing operator new in this program.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <ostream>

#include "clv/simulation/backend.hpp"
#include "support/subscription_world.hpp"

namespace {

std::atomic<std::size_t> allocations = 0;

void* allocate(std::size_t bytes, std::size_t alignment) {
    ++allocations;
    const std::size_t whole = (bytes + alignment) / alignment * alignment;
    void* memory = std::aligned_alloc(alignment, whole);
    return memory != nullptr ? memory : throw std::bad_alloc();
}

}  // namespace

// The other forms of new come down to these two, and those of delete to these.
void* operator new(std::size_t bytes) {
    return allocate(bytes, alignof(std::max_align_t));
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*bytes*/) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*bytes*/, std::align_val_t /*alignment*/) noexcept {
    std::free(memory);
}

namespace clv {
namespace {

class Unread final : public CustomerSink {
  public:
    void take(std::size_t /*first*/, const CustomerFigures& /*batch*/) override {}
};

SimulationPlan plan_of(std::int64_t paths) {
    SimulationPlan plan;
    plan.settings.paths = paths;
    plan.settings.horizon_months = 12;
    plan.settings.seed = 3;
    plan.market = {0.1, 0.2};
    Action offer;
    offer.name = "offer";
    offer.monthly_cost = 0.25;
    offer.acceptance = 0.6;
    offer.hazard_multiplier = {0.8, 0.1, 0.1};
    Action discount;
    discount.name = "discount";
    discount.price_multiplier = {0.9, 0.05, 0.0};
    plan.actions = {offer, discount};
    return plan;
}

/// Everybody gets as many paths as there may be, in several rounds.
PrecisionTarget unreachable() {
    PrecisionTarget target;
    target.se = 1e-12;
    target.quantile = 0.05;
    return target;
}

using Change = std::function<void(SimulationPlan&, std::size_t customers)>;

/// Of a run on one thread, all customers in one batch.
std::size_t allocations_of(std::size_t customers, std::int64_t paths, const Change& change) {
    const SubscriptionColumns columns = test::mixed_customers(customers);
    SimulationPlan plan = plan_of(paths);
    change(plan, customers);
    const auto backend = make_cpu_backend(CpuSettings{.threads = 1, .customers_per_batch = customers});
    Unread sink;
    NoProgress progress;
    const std::size_t before = allocations;
    static_cast<void>(backend->run(columns, plan, sink, progress));
    return allocations - before;
}

struct Case {
    const char* name;
    Change change;
};

void PrintTo(const Case& each, std::ostream* to) {
    *to << each.name;
}

class AllocationsTest : public ::testing::TestWithParam<Case> {
  protected:
    static void SetUpTestSuite() {  // what only the first run of a program allocates
        static_cast<void>(allocations_of(1, 64, [](SimulationPlan& /*plan*/, std::size_t /*customers*/) {}));
    }
};

TEST_P(AllocationsTest, AreAsManyForTwiceTheCustomers) {
    const std::size_t few = allocations_of(1'000, 64, GetParam().change);
    EXPECT_GT(few, 0U);
    EXPECT_EQ(allocations_of(2'000, 64, GetParam().change), few);
}

TEST_P(AllocationsTest, AreAsManyForMorePaths) {
    EXPECT_EQ(allocations_of(200, 2'048, GetParam().change), allocations_of(200, 512, GetParam().change));
}

INSTANTIATE_TEST_SUITE_P(
    Runs, AllocationsTest,
    ::testing::Values(Case{"Plain", [](SimulationPlan&, std::size_t) {}},
                      Case{"CashFlow", [](SimulationPlan& plan, std::size_t) { plan.settings.cashflow = true; }},
                      Case{"MomentsOnly", [](SimulationPlan& plan, std::size_t) { plan.moments_only = true; }},
                      Case{"Stratified",
                           [](SimulationPlan& plan, std::size_t) { plan.settings.sampler = Sampler::stratified; }},
                      Case{"Sobol", [](SimulationPlan& plan, std::size_t) { plan.settings.sampler = Sampler::sobol; }},
                      Case{"Target", [](SimulationPlan& plan, std::size_t) { plan.settings.target = unreachable(); }},
                      Case{"TargetOfSobol",
                           [](SimulationPlan& plan, std::size_t) {
                               plan.settings.sampler = Sampler::sobol;
                               plan.settings.target = unreachable();
                           }},
                      Case{"Assigned",
                           [](SimulationPlan& plan, std::size_t customers) {
                               for (std::size_t i = 0; i < customers; ++i) {
                                   plan.assignment.push_back(static_cast<std::uint8_t>(i % 3));
                               }
                           }}),
    [](const auto& info) { return info.param.name; });

TEST(Allocations, AreCounted) {
    const std::size_t before = allocations;
    delete new int(1);
    const auto more = std::make_unique<std::array<double, 64>>();
    EXPECT_NE(more, nullptr);
    EXPECT_GE(allocations - before, 1U);
}

}  // namespace
}  // namespace clv
