// More paths for the undecided, against the path totals of every customer alone.

#include "clv/planning/added_paths.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "clv/core/errors.hpp"
#include "clv/decisions/reasons/undecided.hpp"
#include "clv/decisions/solver/optimizer.hpp"
#include "clv/planning/simulation_run.hpp"
#include "clv/risk/fixed_point.hpp"
#include "support/retail_world.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

constexpr std::size_t customers = 60;
constexpr std::int64_t paths = 90;
constexpr std::int64_t added = 410;

Action action_called(const std::string& name, double cost, double hazard, double price) {
    Action action;
    action.name = name;
    action.cost = cost;
    action.monthly_cost = 0.2;
    action.acceptance = 0.6;
    action.hazard_multiplier = {hazard, 0.1, 0.2};
    action.price_multiplier.median = price;
    return action;
}

Population population_of(LawColumns columns) {
    Population population;
    for (std::size_t i = 0; i < customers; ++i) {
        population.customers.customer_id.push_back(std::to_string(i));
        population.plan.eligible.push_back(i % 4 == 0 ? 0b01 : 0b11);
    }
    population.columns = std::move(columns);
    population.plan.settings.paths = paths;
    population.plan.settings.horizon_months = 18;
    population.plan.actions = {action_called("call", 3.0, 0.6, 1.0), action_called("discount", 0.0, 0.8, 0.97)};
    return population;
}

class AddedPaths : public testing::TestWithParam<PathLaw> {
  protected:
    AddedPaths() {
        if (GetParam() == PathLaw::subscription) {
            population_ = population_of(test::mixed_customers(customers));
            population_.plan.market = {0.2, 0.3};
        } else {
            population_ = population_of(test::mixed_buyers(test::fitted_laws[0], customers));
        }
        optimizer_.budget = 60.0;
        NoFigures nobody;
        table_ = *value_population(population_, *backend_, false, nobody, progress_).uplift;
        optimizer_.added_paths = added;
    }

    /// Value of the action minus value without, path by path, of one customer of the whole population.
    std::vector<double> differences(std::size_t customer, std::uint8_t action, std::uint64_t first,
                                    std::int64_t count) {
        SimulationPlan plan = population_.plan;
        plan.first_path = first;
        plan.settings.paths = count;
        plan.assignment.assign(customers, 0);
        plan.assignment[customer] = action;
        plan.moments_only = true;
        NoFigures nobody;
        const PathTotals totals = simulate_on(*backend_, population_.columns, plan, nobody, progress_).totals;
        std::vector<double> sum(totals.paths, 0.0);
        for (std::size_t k = 0; k < totals.values.size(); ++k) {
            sum[k % totals.paths] += static_cast<double>(totals.values[k]) * totals.unit;
        }
        return sum;
    }

    NoProgress progress_;
    std::unique_ptr<Backend> backend_ = make_cpu_backend(2);
    Population population_;
    OptimizerSettings optimizer_;
    UpliftTable table_;
};

TEST_P(AddedPaths, PoolAllPathsOfTheUndecidedAndLeaveTheRest) {
    UpliftTable refined = table_;
    const PlanSimulator simulator(population_, *backend_, progress_);
    add_paths(refined, optimizer_, {}, simulator);
    const std::vector<std::size_t> undecided =
        undecided_customers(table_, plan_actions(table_, optimizer_), undecided_within);
    const UpliftTable of_added = simulator.on_added_paths(undecided, added, "added");
    ASSERT_GE(undecided.size(), 5U);
    ASSERT_LE(undecided.size(), customers - 5);
    std::vector<std::uint32_t> expected_paths(customers, static_cast<std::uint32_t>(paths));
    for (const std::size_t customer : undecided) {
        expected_paths[customer] = static_cast<std::uint32_t>(paths + added);
    }
    EXPECT_EQ(refined.paths, expected_paths);
    for (std::size_t i = 0; i < customers; ++i) {
        for (std::uint8_t a = 1; a <= 2; ++a) {
            const std::size_t cell = table_.cell(i, a);
            if (!table_.is_open(i, a)) {
                EXPECT_FALSE(refined.is_open(i, a));
                continue;
            }
            if (expected_paths[i] == paths) {
                EXPECT_EQ(refined.expected_profit[cell], table_.expected_profit[cell]);
                EXPECT_EQ(refined.expected_profit_se[cell], table_.expected_profit_se[cell]);
                EXPECT_EQ(refined.cost[cell], table_.cost[cell]);
                continue;
            }
            std::vector<double> all = differences(i, a, 0, paths);
            const std::vector<double> more = differences(i, a, added_paths_begin, added);
            all.insert(all.end(), more.begin(), more.end());
            const auto n = static_cast<double>(all.size());
            const double mean = std::reduce(all.begin(), all.end()) / n;
            double squares = 0.0;
            for (const double value : all) {
                squares += (value - mean) * (value - mean);
            }
            EXPECT_NEAR(refined.expected_profit[cell], mean, 1e-6);
            const double seen = std::sqrt(squares / (n - 1.0) / n);
            if (seen > 0.0) {
                EXPECT_NE(refined.cost[cell], table_.cost[cell]);  // active months differ from path to path
            }
            EXPECT_GT(refined.expected_profit_se[cell], 0.0);  // what is known of rare events is in it
            const auto k = static_cast<std::size_t>(std::ranges::find(undecided, i) - undecided.begin());
            const std::size_t in_added = of_added.cell(k, a);
            const auto spread = [](double of_mean, double se, std::int64_t count) {
                return MeanAndSpread{of_mean, se, se * std::sqrt(static_cast<double>(count))};
            };
            const MeanAndSpread pooled =
                pool(spread(table_.expected_profit[cell], table_.expected_profit_se[cell], paths), paths,
                     spread(of_added.expected_profit[in_added], of_added.expected_profit_se[in_added], added), added);
            EXPECT_DOUBLE_EQ(refined.expected_profit_se[cell], pooled.se);
        }
    }
}

TEST_P(AddedPaths, AreThoseOfAWholeRun) {
    const PlanSimulator simulator(population_, *backend_, progress_);
    const std::vector<std::size_t> some{57, 3, 4, 20};
    const UpliftTable of_some = simulator.on_added_paths(some, added, "some");
    std::vector<std::size_t> everybody(customers);
    std::iota(everybody.begin(), everybody.end(), 0U);
    const UpliftTable of_all = simulator.on_added_paths(everybody, added, "all");
    for (std::size_t k = 0; k < some.size(); ++k) {
        EXPECT_EQ(of_some.customer_id[k], table_.customer_id[some[k]]);
        for (std::size_t a = 1; a <= 2; ++a) {
            if (table_.is_open(some[k], a)) {
                EXPECT_EQ(of_some.expected_profit[of_some.cell(k, a)], of_all.expected_profit[of_all.cell(some[k], a)]);
                EXPECT_EQ(of_some.cost[of_some.cell(k, a)], of_all.cost[of_all.cell(some[k], a)]);
            } else {
                EXPECT_FALSE(of_some.is_open(k, a));
            }
        }
    }
}

TEST_P(AddedPaths, NoneUnlessAskedFor) {
    optimizer_.added_paths = 0;
    UpliftTable same = table_;
    const PlanSimulator simulator(population_, *backend_, progress_);
    add_paths(same, optimizer_, {}, simulator);
    EXPECT_TRUE(same.paths.empty());
    EXPECT_THAT(same.cost, testing::Pointwise(testing::NanSensitiveDoubleEq(), table_.cost));
    optimizer_.added_paths = added;
    PlanLimit impossible;
    impossible.name = "impossible";
    impossible.column = "count";
    impossible.min = 2.0 * customers;
    optimizer_.limits.push_back(impossible);
    add_paths(same, optimizer_, {}, simulator);  // no plan: decide() says so
    EXPECT_THAT(same.cost, testing::Pointwise(testing::NanSensitiveDoubleEq(), table_.cost));
}

TEST_P(AddedPaths, OnlyOfIndependentPaths) {
    population_.plan.settings.paths = 96;
    population_.plan.settings.sampler = Sampler::sobol;
    const PlanSimulator simulator(population_, *backend_, progress_);
    EXPECT_THROW(add_paths(table_, optimizer_, {}, simulator), ConfigError);
}

INSTANTIATE_TEST_SUITE_P(Laws, AddedPaths, testing::Values(PathLaw::subscription, PathLaw::retail),
                         [](const auto& info) { return info.param == PathLaw::retail ? "Retail" : "Subscription"; });

}  // namespace
}  // namespace clv
