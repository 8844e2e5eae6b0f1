#include "clv/planning/sweep_run.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "clv/simulation/portfolio.hpp"
#include "clv/simulation/scenario_world.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

Scenario scenario_called(const std::string& name) {
    Scenario scenario;
    scenario.name = name;
    return scenario;
}

Population population_of(std::size_t customers) {
    Population population;
    SubscriptionColumns columns = test::mixed_customers(customers);
    for (std::size_t i = 0; i < customers; ++i) {
        population.customers.customer_id.push_back(std::to_string(i));
    }
    population.customers.segment = columns.segment;
    population.customers.segments = columns.segments;
    population.columns = std::move(columns);
    population.plan.settings.paths = 300;
    population.plan.settings.horizon_months = 18;
    population.plan.market = {0.2, 0.3};
    population.plan.actions.resize(1);
    population.plan.actions[0].name = "left out of a sweep";
    population.plan.scenarios = {scenario_called("same"), scenario_called("boom")};
    population.plan.scenarios[1].revenue_multiplier = 900.0;  // of another scale
    return population;
}

SweepRun sweep_of(const Population& population) {
    NoProgress progress;
    return run_sweep(population, *make_cpu_backend(2), progress);
}

TEST(SweepRun, ComparesEveryScenarioWithTheBase) {
    const SweepRun sweep = sweep_of(population_of(30));
    ASSERT_EQ(sweep.scenarios.size(), 3U);
    EXPECT_EQ(sweep.scenarios[0].name, "base");
    EXPECT_EQ(sweep.scenarios[2].name, "boom");
    ASSERT_EQ(sweep.segments, (std::vector<std::string>{"portfolio", "a", "b", "c"}));
    ASSERT_EQ(sweep.rows.size(), 12U);
    for (std::size_t row = 0; row < 8; ++row) {
        EXPECT_EQ(sweep.rows[row].scenario, row < 4 ? "base" : "same");
        EXPECT_EQ(sweep.rows[row].figures.segment, sweep.segments[row % 4]);
        EXPECT_EQ(sweep.rows[row].figures.mean, sweep.rows[row % 4].figures.mean);
        EXPECT_EQ(sweep.rows[row].figures.cvar, sweep.rows[row % 4].figures.cvar);
        EXPECT_EQ(sweep.rows[row].difference, 0.0);
        EXPECT_EQ(sweep.rows[row].difference_se, 0.0);
    }
    EXPECT_EQ(sweep.path_totals[0], sweep.path_totals[1]);
    for (std::size_t segment = 0; segment < 4; ++segment) {
        double sum = 0.0;
        double squares = 0.0;
        for (std::size_t path = 0; path < 300; ++path) {
            const std::size_t at = segment * 300 + path;
            const double difference = sweep.path_totals[2][at] - sweep.path_totals[0][at];
            sum += difference;
            squares += difference * difference;
        }
        const double mean = sum / 300.0;
        const ScenarioRow& row = sweep.rows[8 + segment];
        EXPECT_NEAR(row.difference, mean, 1e-12 * mean);
        EXPECT_NEAR(row.difference, row.figures.mean - sweep.rows[segment].figures.mean, 1e-9 * mean);
        EXPECT_NEAR(row.difference_se, std::sqrt((squares / 300.0 - mean * mean) / 299.0), 1e-9 * mean);
    }
}

TEST(SweepRun, TotalsAreThoseOfPlainRuns) {
    Population population = population_of(30);
    const SweepRun sweep = sweep_of(population);
    population.plan.actions.clear();
    NoProgress progress;
    for (std::size_t s = 0; s < 2; ++s) {
        const ScenarioWorld world = scenario_world(std::get<SubscriptionColumns>(population.columns), population.plan,
                                                   population.plan.scenarios[s]);
        const SimulationResult plain = make_cpu_backend(1)->run(world.columns, world.plan, progress);
        const std::vector<double> totals = totals_in_currency(plain.totals, true);
        ASSERT_EQ(totals.size(), sweep.path_totals[s + 1].size());
        for (std::size_t i = 0; i < totals.size(); ++i) {
            // the noise of revenue is a sum of floats
            EXPECT_NEAR(sweep.path_totals[s + 1][i], totals[i], 1e-6 * std::abs(totals[i]) + 1e-6);
        }
    }
}

TEST(SweepRun, FiguresDoNotDependOnThreads) {
    const Population population = population_of(200);
    NoProgress progress;
    const SweepRun one = run_sweep(population, *make_cpu_backend(1), progress);
    const SweepRun two = run_sweep(population, *make_cpu_backend(2), progress);
    EXPECT_EQ(one.path_totals, two.path_totals);
}

}  // namespace
}  // namespace clv
