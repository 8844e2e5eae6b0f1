// All scenarios in one pass against a run of its own for each of them (simulation/scenario_world.hpp).

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "clv/core/errors.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/scenario_world.hpp"
#include "support/instruction_sets.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

class Nobody final : public CustomerSink {
  public:
    void take(std::size_t /*first*/, const CustomerFigures& /*batch*/) override { ADD_FAILURE(); }
};

RunTotals totals_of(const SubscriptionColumns& columns, const SimulationPlan& plan, int threads = 2) {
    Nobody nobody;
    NoProgress progress;
    return make_cpu_backend(threads)->run(columns, plan, nobody, progress);
}

SimulationPlan plan_of_scenarios(Sampler sampler, double hazard_sensitivity) {
    SimulationPlan plan;
    plan.settings.paths = 1'600;
    plan.settings.horizon_months = 36;
    plan.settings.sampler = sampler;
    plan.market = {0.2, hazard_sensitivity};
    const auto add = [&plan](const char* name, double hazard, double volume, double price,
                             std::optional<AnnualRate> rate, double shift) {
        plan.scenarios.push_back({name, hazard, volume, price, rate, shift});
    };
    add("hazard", 1.3, 1.0, 1.0, std::nullopt, 0.0);
    add("hazard again", 1.3, 0.8, 1.0, std::nullopt, 0.0);
    add("loyal", 0.0, 1.0, 1.0, std::nullopt, 0.0);
    add("dear", 1.0, 1.0, 1.05, std::nullopt, 0.0);
    add("recession", 1.2, 0.9, 1.0, std::nullopt, -1.5);
    add("boom", 1.0, 1.0, 1.0, std::nullopt, 1.0);
    add("no discount", 1.0, 1.0, 1.0, AnnualRate{0.0}, 0.0);
    add("steep", 0.7, 1.1, 0.95, AnnualRate{0.3}, 0.5);
    return plan;
}

/// Largest difference of a path total between the pass and runs of their own, relative to the largest total; a path may
/// differ by a customer whose churn month was decided by the last bit.
double largest_difference(const SubscriptionColumns& columns, const SimulationPlan& plan) {
    const RunTotals pass = totals_of(columns, plan);
    EXPECT_EQ(pass.scenarios.size(), plan.scenarios.size());
    double worst = 0.0;
    NoProgress progress;
    for (std::size_t s = 0; s <= plan.scenarios.size(); ++s) {
        const Scenario scenario = s == 0 ? Scenario{} : plan.scenarios[s - 1];
        const ScenarioWorld world = scenario_world(columns, plan, scenario);
        const PathTotals alone = make_cpu_backend(2)->run(world.columns, world.plan, progress).totals;
        const PathTotals& together = s == 0 ? pass.totals : pass.scenarios[s - 1];
        EXPECT_EQ(together.values.size(), alone.values.size());
        double largest = 0.0;
        for (const std::int64_t value : alone.values) {
            largest = std::max(largest, std::abs(static_cast<double>(value) * alone.unit));
        }
        std::size_t differing = 0;
        for (std::size_t i = 0; i < alone.values.size(); ++i) {
            const double difference = std::abs(static_cast<double>(together.values[i]) * together.unit -
                                               static_cast<double>(alone.values[i]) * alone.unit);
            differing += difference > 1e-6 * largest ? 1 : 0;
            worst = std::max(worst, difference / largest);
        }
        EXPECT_LE(differing, 2U) << scenario.name;
    }
    return worst;
}

class ScenarioPassTest : public ::testing::TestWithParam<Sampler> {};

TEST_P(ScenarioPassTest, EqualsARunOfItsOwnForEveryScenario) {
    EXPECT_LT(largest_difference(test::mixed_customers(60), plan_of_scenarios(GetParam(), 0.0)), 0.05);
    EXPECT_LT(largest_difference(test::mixed_customers(60), plan_of_scenarios(GetParam(), 0.4)), 0.05);
}

INSTANTIATE_TEST_SUITE_P(Samplers, ScenarioPassTest,
                         ::testing::Values(Sampler::philox, Sampler::stratified, Sampler::sobol));

TEST(ScenarioPass, KeepsCertainChurn) {
    SubscriptionColumns columns = test::mixed_customers(30);
    for (std::size_t i = 0; i < 30; i += 2) {
        columns.hazards.customers[i] = {columns.hazards.pool.size(), 6, 0.02F};
        columns.hazards.pool.insert(columns.hazards.pool.end(), {0.01F, 0.01F, 0.01F, 0.01F, 0.01F, 1.0e6F});
    }
    EXPECT_LT(largest_difference(columns, plan_of_scenarios(Sampler::philox, 0.0)), 0.05);
}

TEST(ScenarioPass, HasTheSameBitsOnEveryInstructionSetAndForAnyThreads) {
    const SubscriptionColumns columns = test::mixed_customers(600);
    SimulationPlan plan = plan_of_scenarios(Sampler::philox, 0.3);
    plan.settings.paths = 1'500;
    const RunTotals best = totals_of(columns, plan, 1);
    for (const char* name : test::instruction_sets) {
        const test::CpuTarget target(name);
        try {
            const RunTotals other = totals_of(columns, plan, 3);
            EXPECT_EQ(other.totals.values, best.totals.values) << name;
            for (std::size_t s = 0; s < plan.scenarios.size(); ++s) {
                EXPECT_EQ(other.scenarios[s].values, best.scenarios[s].values) << name << ", scenario " << s;
            }
        } catch (const BackendError&) {  // not on this machine
        }
    }
}

TEST(ScenarioPass, RefusesActions) {
    SimulationPlan plan = plan_of_scenarios(Sampler::philox, 0.0);
    plan.actions.emplace_back().name = "call";
    EXPECT_THROW(static_cast<void>(totals_of(test::mixed_customers(3), plan)), ConfigError);
}

}  // namespace
}  // namespace clv
