#include "clv/decisions/tail/mean_cvar.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "clv/core/errors.hpp"
#include "decisions/explicit_portfolio.hpp"
#include "decisions/random_tables.hpp"

namespace clv {
namespace {

/// Gains of independent sign and size, and a common shock that hits one action.
ExplicitPortfolio random_portfolio(RandomNumbers& random, std::size_t customers, std::size_t actions,
                                   std::size_t paths) {
    ExplicitPortfolio portfolio;
    portfolio.customers = customers;
    std::vector<double> shock(paths);
    for (double& s : shock) {
        s = random.amount(2.0) - 1.0;
    }
    for (std::size_t s = 0; s < paths; ++s) {
        portfolio.none.push_back(static_cast<double>(customers) * (10.0 + 2.0 * shock[s]));
    }
    for (std::size_t a = 0; a < actions; ++a) {
        portfolio.gains.emplace_back();
        for (std::size_t i = 0; i < customers; ++i) {
            const double level = random.amount(4.0) - 1.0;
            const double sensitivity = random.amount(6.0) * static_cast<double>(a + 1) / static_cast<double>(actions);
            for (std::size_t s = 0; s < paths; ++s) {
                portfolio.gains.back().push_back(level + sensitivity * shock[s] + random.amount(2.0) - 1.0);
            }
        }
    }
    return portfolio;
}

UpliftTable with_costs(UpliftTable table, RandomNumbers& random) {
    for (std::size_t cell = table.size(); cell < table.cost.size(); ++cell) {
        table.cost[cell] = random.amount(5.0);
    }
    return table;
}

OptimizerSettings budget_of(double budget) {
    OptimizerSettings settings;
    settings.budget = budget;
    return settings;
}

std::vector<double> total_of(ExplicitPortfolio& portfolio, const std::vector<std::uint8_t>& action) {
    std::vector<double> total = portfolio.gain(action);
    for (std::size_t s = 0; s < total.size(); ++s) {
        total[s] += portfolio.none[s];
    }
    return total;
}

double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double objective_of(const std::vector<double>& total, const MeanCvarSettings& risk) {
    return (1.0 - risk.risk_weight) * mean_of(total) + risk.risk_weight * cvar_of(total, risk.cvar_level);
}

/// The best of all whole plans, one by one.
double exhaustive_best(ExplicitPortfolio& portfolio, const UpliftTable& table, double budget,
                       const MeanCvarSettings& risk) {
    std::vector<std::uint8_t> action(table.size(), 0);
    double best = -std::numeric_limits<double>::infinity();
    for (;;) {
        double cost = 0.0;
        for (std::size_t i = 0; i < table.size(); ++i) {
            cost += table.cost[table.cell(i, action[i])];
        }
        if (cost <= budget + 1.0e-9) {
            best = std::max(best, objective_of(total_of(portfolio, action), risk));
        }
        std::size_t i = 0;
        while (i < action.size() && action[i] + 1U == table.actions.size()) {
            action[i++] = 0;
        }
        if (i == action.size()) {
            return best;
        }
        ++action[i];
    }
}

TEST(Cvar, CountsTheLastPathInPart) {
    EXPECT_DOUBLE_EQ(cvar_of(std::vector{4.0, 1.0, 3.0, 2.0}, 0.5), 1.5);
    EXPECT_DOUBLE_EQ(cvar_of(std::vector{4.0, 1.0, 3.0, 2.0, 5.0}, 0.5), (1.0 + 2.0 + 0.5 * 3.0) / 2.5);
    EXPECT_DOUBLE_EQ(cvar_of(std::vector{4.0, 1.0, 3.0}, 0.05), 1.0);  // less than a path: the worst
}

TEST(MeanCvar, AgainstEveryPlan) {
    RandomNumbers random(71);
    for (int trial = 0; trial < 150; ++trial) {
        ExplicitPortfolio portfolio =
            random_portfolio(random, 2 + random.below(5), 1 + random.below(3), 3 + random.below(40));
        const UpliftTable table = with_costs(portfolio.table(), random);
        MeanCvarSettings risk;
        risk.risk_weight = trial % 5 == 0 ? 1.0 : random.amount(1.0);
        risk.cvar_level = trial % 2 == 0 ? 0.05 : 0.3;
        const double budget = random.amount(12.0);
        const double best = exhaustive_best(portfolio, table, budget, risk);
        const MeanCvarPlan found = plan_mean_cvar(table, portfolio, budget_of(budget), risk);

        ASSERT_NEAR(found.plan.objective, best, 1.0e-9) << trial;
        ASSERT_EQ(found.plan.status, PlanStatus::optimal) << trial;
        ASSERT_EQ(found.plan.relative_gap, 0.0) << trial;
        ASSERT_GE(found.plan.upper_bound, best - 1.0e-7) << trial;
        ASSERT_GE(found.plan.relaxed_bound, found.plan.upper_bound) << trial;
        ASSERT_LE(found.plan.cost, budget + 1.0e-9) << trial;
        const std::vector<double> total = total_of(portfolio, found.plan.action);
        ASSERT_NEAR(found.plan.objective, objective_of(total, risk), 1.0e-9) << trial;
        ASSERT_NEAR(found.mean, mean_of(total), 1.0e-9) << trial;
        ASSERT_NEAR(found.cvar, cvar_of(total, risk.cvar_level), 1.0e-9) << trial;
        ASSERT_TRUE(found.converged) << trial;
        ASSERT_NEAR(std::accumulate(found.path_weights.begin(), found.path_weights.end(), 0.0), 1.0, 1.0e-12);
    }
}

TEST(MeanCvar, WithoutRiskWeightItIsTheKnapsack) {
    RandomNumbers random(72);
    ExplicitPortfolio portfolio = random_portfolio(random, 60, 3, 50);
    const UpliftTable table = with_costs(portfolio.table(), random);
    MeanCvarSettings risk;
    risk.risk_weight = 0.0;
    const ActionPlan knapsack = plan_actions(table, budget_of(40.0));
    const MeanCvarPlan found = plan_mean_cvar(table, portfolio, budget_of(40.0), risk);
    EXPECT_EQ(found.plan.action, knapsack.action);
    EXPECT_EQ(found.plan.expected_profit, knapsack.expected_profit);
    EXPECT_NEAR(found.plan.objective, mean_of(portfolio.none) + knapsack.expected_profit, 1.0e-6);
    EXPECT_NEAR(found.plan.upper_bound, mean_of(portfolio.none) + knapsack.upper_bound, 1.0e-6);
    EXPECT_EQ(found.steps.size(), 1U);
    EXPECT_EQ(portfolio.simulations, 0U);
}

TEST(MeanCvar, WeightMovesMeanAndTailApart) {
    RandomNumbers random(73);
    ExplicitPortfolio portfolio = random_portfolio(random, 400, 3, 200);
    const UpliftTable table = with_costs(portfolio.table(), random);
    double cvar = -std::numeric_limits<double>::infinity();
    double mean = std::numeric_limits<double>::infinity();
    double first_cvar = 0.0;
    for (const double w : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        MeanCvarSettings risk;
        risk.risk_weight = w;
        const MeanCvarPlan found = plan_mean_cvar(table, portfolio, budget_of(250.0), risk);
        first_cvar = w == 0.0 ? found.cvar : first_cvar;
        EXPECT_TRUE(found.converged);
        // at most the gap may hide a step the other way
        const double gap = found.plan.upper_bound - found.plan.objective;
        EXPECT_LE(gap, 1.0e-3 * (found.plan.upper_bound - found.objective_without)) << w;
        EXPECT_GE(found.cvar, cvar - 4.0 * gap) << w;
        EXPECT_LE(found.mean, mean + 4.0 * gap) << w;
        cvar = found.cvar;
        mean = found.mean;
    }
    EXPECT_GT(cvar, first_cvar + 1.0);
}

TEST(MeanCvar, NothingToGain) {
    RandomNumbers random(74);
    ExplicitPortfolio portfolio = random_portfolio(random, 20, 2, 30);
    for (auto& gains : portfolio.gains) {
        std::ranges::transform(gains, gains.begin(), [](double gain) { return -1.0 - std::abs(gain); });
    }
    const UpliftTable table = with_costs(portfolio.table(), random);
    const MeanCvarPlan found = plan_mean_cvar(table, portfolio, {}, {});
    EXPECT_EQ(found.plan.invested, 0U);
    EXPECT_EQ(found.plan.objective, found.objective_without);
    EXPECT_NEAR(found.plan.upper_bound, found.objective_without, 1.0e-7);
    EXPECT_TRUE(found.converged);
}

TEST(MeanCvar, WithoutBudgetMoney) {
    RandomNumbers random(75);
    ExplicitPortfolio portfolio = random_portfolio(random, 20, 2, 30);
    const UpliftTable table = with_costs(portfolio.table(), random);
    const MeanCvarPlan found = plan_mean_cvar(table, portfolio, budget_of(0.0), {});
    EXPECT_EQ(found.plan.invested, 0U);
    EXPECT_NEAR(found.plan.upper_bound, found.objective_without, 1.0e-6);
}

TEST(MeanCvar, OrderOfCustomersDoesNotMatter) {
    RandomNumbers random(76);
    ExplicitPortfolio portfolio = random_portfolio(random, 50, 2, 40);
    const UpliftTable table = with_costs(portfolio.table(), random);
    ExplicitPortfolio mirrored = portfolio;
    UpliftTable mirrored_table = table;
    const std::size_t last = table.size() - 1;
    mirrored_table.customer_id = {};
    for (std::size_t i = 0; i < table.size(); ++i) {
        mirrored_table.customer_id.push_back(std::string(table.customer_id[last - i]));
        for (std::size_t a = 0; a < table.actions.size(); ++a) {
            mirrored_table.expected_profit[table.cell(i, a)] = table.expected_profit[table.cell(last - i, a)];
            mirrored_table.cost[table.cell(i, a)] = table.cost[table.cell(last - i, a)];
            for (std::size_t s = 0; s < portfolio.paths() && a > 0; ++s) {
                mirrored.gains[a - 1][i * portfolio.paths() + s] =
                    portfolio.gains[a - 1][(last - i) * portfolio.paths() + s];
            }
        }
    }
    const MeanCvarPlan found = plan_mean_cvar(table, portfolio, budget_of(30.0), {});
    MeanCvarPlan again = plan_mean_cvar(mirrored_table, mirrored, budget_of(30.0), {});
    std::ranges::reverse(again.plan.action);
    EXPECT_EQ(found.plan.action, again.plan.action);
}

TEST(MeanCvar, LimitsAreKeptOrRefused) {
    RandomNumbers random(77);
    ExplicitPortfolio portfolio = random_portfolio(random, 60, 2, 60);
    const UpliftTable table = with_costs(portfolio.table(), random);
    OptimizerSettings settings = budget_of(50.0);
    PlanLimit few;
    few.name = "few";
    few.column = "count";
    few.min = 5.0;
    few.max = 12.0;
    settings.limits = {few};
    MeanCvarPlan found = plan_mean_cvar(table, portfolio, settings, {});
    EXPECT_LE(found.plan.invested, 12U);
    EXPECT_GE(found.plan.invested, 5U);
    EXPECT_TRUE(found.converged);
    EXPECT_LE(found.plan.objective, found.plan.upper_bound);
    settings.limits[0].min = 61.0;
    settings.limits[0].max.reset();
    found = plan_mean_cvar(table, portfolio, settings, {});
    EXPECT_EQ(found.plan.status, PlanStatus::infeasible);
    EXPECT_EQ(found.plan.conflict, std::vector<std::string>{"few"});
}

TEST(MeanCvar, SettingsOutOfRange) {
    RandomNumbers random(78);
    ExplicitPortfolio portfolio = random_portfolio(random, 3, 1, 5);
    const UpliftTable table = portfolio.table();
    EXPECT_THROW((void)plan_mean_cvar(table, portfolio, {}, {.risk_weight = 1.1}), ConfigError);
    EXPECT_THROW((void)plan_mean_cvar(table, portfolio, {}, {.risk_weight = -0.1}), ConfigError);
    EXPECT_THROW((void)plan_mean_cvar(table, portfolio, {}, {.cvar_level = 0.0}), ConfigError);
    EXPECT_THROW((void)plan_mean_cvar(table, portfolio, {}, {.tolerance = 0.0}), ConfigError);
}

}  // namespace
}  // namespace clv
