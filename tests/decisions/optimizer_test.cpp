#include "clv/decisions/solver/optimizer.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "clv/core/errors.hpp"
#include "clv/decisions/reasons/reasons.hpp"

namespace clv {
namespace {

struct Cell {
    double profit;
    double cost;
    bool eligible = true;
};

/// A table from rows of cells, without the cell of doing nothing.
UpliftTable table_of(const std::vector<std::vector<Cell>>& rows, const std::vector<std::string>& ids = {}) {
    UpliftTable table;
    table.actions = {"none"};
    for (std::size_t a = 0; a < rows.front().size(); ++a) {
        table.actions.push_back("a" + std::to_string(a + 1));
    }
    const std::size_t cells = rows.size() * table.actions.size();
    table.expected_profit.assign(cells, 0.0);
    table.cost.assign(cells, 0.0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        table.customer_id.push_back(ids.empty() ? "c" + std::to_string(i) : ids[i]);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t a = 0; a < rows[i].size(); ++a) {
            const Cell& cell = rows[i][a];
            table.expected_profit[table.cell(i, a + 1)] =
                cell.eligible ? cell.profit : std::numeric_limits<double>::quiet_NaN();
            table.cost[table.cell(i, a + 1)] = cell.cost;
        }
    }
    table.expected_profit_se.assign(table.cost.size(), 0.0);
    return table;
}

ActionPlan plan_within(const UpliftTable& table, std::optional<double> budget) {
    OptimizerSettings settings;
    settings.budget = budget;
    return plan_actions(table, settings);
}

double total(const UpliftTable& table, const std::vector<double>& amounts, const ActionPlan& plan) {
    double sum = 0.0;
    for (std::size_t i = 0; i < table.size(); ++i) {
        sum += amounts[table.cell(i, plan.action[i])];
    }
    return sum;
}

/// The best profit over every combination of actions.
double exhaustive_best(const UpliftTable& table, double budget, std::size_t customer = 0) {
    if (customer == table.size()) {
        return 0.0;
    }
    double best = -std::numeric_limits<double>::infinity();
    for (std::size_t a = 0; a < table.actions.size(); ++a) {
        const std::size_t cell = table.cell(customer, a);
        if (table.is_open(customer, a) && table.cost[cell] <= budget + 1e-9) {
            best = std::max(
                best, table.expected_profit[cell] + exhaustive_best(table, budget - table.cost[cell], customer + 1));
        }
    }
    return best;
}

std::string reason(const UpliftTable& table, const ActionPlan& plan, std::size_t customer) {
    return PlanReasons(table, plan).of(customer);
}

class Random {
  public:
    explicit Random(std::uint32_t seed) : engine_(seed) {}
    std::size_t below(std::size_t count) { return engine_() % count; }
    double amount(double most) { return most * (static_cast<double>(engine_()) / 4294967296.0); }

  private:
    std::mt19937 engine_;
};

std::vector<std::vector<Cell>> random_rows(Random& random, std::size_t customers, std::size_t actions, bool coarse) {
    std::vector<std::vector<Cell>> rows(customers, std::vector<Cell>(actions));
    for (auto& row : rows) {
        for (Cell& cell : row) {
            // coarse amounts bring ties, equal costs, zero costs and collinear hulls
            cell.profit = coarse ? static_cast<double>(random.below(9)) - 2.0 : random.amount(12.0) - 3.0;
            cell.cost = coarse ? static_cast<double>(random.below(5)) : random.amount(6.0);
            cell.eligible = random.below(8) != 0;
        }
    }
    return rows;
}

TEST(Optimizer, AgainstEveryCombination) {
    Random random(20240501);
    double shortfall = 0.0;
    double optimum_sum = 0.0;
    for (int trial = 0; trial < 6'000; ++trial) {
        const bool coarse = trial % 2 == 0;
        const UpliftTable table = table_of(random_rows(random, 1 + random.below(6), 1 + random.below(4), coarse));
        const double budget = coarse ? static_cast<double>(random.below(14)) : random.amount(16.0);
        const ActionPlan plan = plan_within(table, budget);
        const double optimum = exhaustive_best(table, budget);

        ASSERT_NEAR(plan.expected_profit, total(table, table.expected_profit, plan), 1e-7);
        ASSERT_NEAR(plan.cost, total(table, table.cost, plan), 1e-7);
        ASSERT_LE(plan.cost, budget + 1e-8) << trial;
        ASSERT_LE(plan.expected_profit, optimum + 1e-7) << trial;
        ASSERT_GE(plan.upper_bound, optimum - 1e-7) << trial;
        ASSERT_GE(plan.expected_profit, 0.5 * plan.upper_bound - 1e-7) << trial;
        ASSERT_NEAR(plan.expected_profit, plan.upper_bound * (1.0 - plan.relative_gap), 1e-7) << trial;
        for (std::size_t i = 0; i < table.size(); ++i) {
            const std::size_t cell = table.cell(i, plan.action[i]);
            ASSERT_TRUE(table.is_open(i, plan.action[i]));
            ASSERT_TRUE(plan.action[i] == 0 || table.expected_profit[cell] > 0.0);
        }
        shortfall += optimum - plan.expected_profit;
        optimum_sum += optimum;
    }
    RecordProperty("relative_shortfall", std::to_string(shortfall / optimum_sum));
    EXPECT_LT(shortfall, 0.005 * optimum_sum);
}

TEST(Optimizer, GapClosesWithSize) {
    Random random(7);
    const UpliftTable table = table_of(random_rows(random, 5'000, 5, false));
    const ActionPlan plan = plan_within(table, 1'000.0);
    EXPECT_LT(plan.relative_gap, 1e-4);
    EXPECT_GT(plan.multiplier(), 0.0);
    EXPECT_GT(plan.cost, 999.9);
    EXPECT_LE(plan.cost, 1'000.0);
}

TEST(Optimizer, UpperBoundIsTheLinearRelaxation) {
    // Hulls: (2, 10) then (6, 14); (4, 8). Budget 5: 10 + 3/4 of 8 = 16 relaxed; 10 in whole actions, at 2 a unit.
    const UpliftTable table = table_of({{{10.0, 2.0}, {14.0, 6.0}}, {{8.0, 4.0}, {1.0, 5.0}}});
    const ActionPlan plan = plan_within(table, 5.0);
    EXPECT_NEAR(plan.relaxed_bound, 16.0, 1e-8);
    EXPECT_EQ(plan.upper_bound, 10.0);  // shown by search
    EXPECT_NEAR(plan.multiplier(), 2.0, 1e-12);
    EXPECT_DOUBLE_EQ(plan.expected_profit, 10.0);
    EXPECT_EQ(plan.action, (std::vector<std::uint8_t>{1, 0}));
}

TEST(Optimizer, TakesTheDearStepWhenItBeatsTheCheapOne) {
    const UpliftTable table = table_of({{{10.0, 1.0}}, {{900.0, 100.0}}});
    EXPECT_EQ(plan_within(table, 100.0).action, (std::vector<std::uint8_t>{0, 1}));
    EXPECT_EQ(plan_within(table, 101.0).action, (std::vector<std::uint8_t>{1, 1}));
}

TEST(Optimizer, FillsWithAChoiceOffTheHull) {
    // (2, 3) lies below the line from nothing to (4, 10), and is all that the rest of the budget can buy.
    const UpliftTable table = table_of({{{3.0, 2.0}, {10.0, 4.0}}, {{10.0, 2.0}, {0.0, 0.0}}});
    const ActionPlan plan = plan_within(table, 5.0);
    EXPECT_EQ(plan.action, (std::vector<std::uint8_t>{1, 1}));
    EXPECT_NEAR(plan.relaxed_bound, 17.5, 1e-8);
}

TEST(Optimizer, BoundLeavesOutWhatNobodyCanPay) {
    const UpliftTable table = table_of({{{3.0, 2.0}, {10.0, 4.0}}});
    const ActionPlan plan = plan_within(table, 3.0);
    EXPECT_EQ(plan.action[0], 1);
    EXPECT_EQ(plan.relative_gap, 0.0);
}

TEST(Optimizer, WithoutACapEverybodyGetsTheirBest) {
    const UpliftTable table =
        table_of({{{5.0, 100.0}, {4.0, 0.0}}, {{-1.0, 0.0}, {0.0, 0.0}}, {{1.0, 1.0}, {2.0, 1.0}}});
    for (const std::optional<double> budget : {std::optional<double>{}, std::optional<double>{1e30}}) {
        const ActionPlan plan = plan_within(table, budget);
        EXPECT_EQ(plan.action, (std::vector<std::uint8_t>{1, 0, 2}));
        EXPECT_EQ(plan.invested, 2U);
        EXPECT_DOUBLE_EQ(plan.expected_profit, 7.0);
        EXPECT_DOUBLE_EQ(plan.cost, 101.0);
        EXPECT_EQ(plan.multiplier(), 0.0);
        EXPECT_EQ(plan.relative_gap, 0.0);
    }
}

TEST(Optimizer, ZeroBudgetBuysWhatIsFree) {
    const UpliftTable table = table_of({{{5.0, 1.0}, {4.0, 0.0}, {4.5, 0.0}}, {{9.0, 2.0}, {-1.0, 0.0}, {0.0, 0.0}}});
    const ActionPlan plan = plan_within(table, 0.0);
    EXPECT_EQ(plan.action, (std::vector<std::uint8_t>{3, 0}));
    EXPECT_EQ(plan.cost, 0.0);
    EXPECT_DOUBLE_EQ(plan.upper_bound, 4.5);
    EXPECT_EQ(plan.relative_gap, 0.0);
    EXPECT_EQ(reason(table, plan, 1),
              "a1 would earn 9.00 for a cost of 2.00, 4.50 per unit of cost: more than the whole "
              "budget of 0.00");
}

TEST(Optimizer, SpendsTheBudgetToTheCent) {
    // Ten times 0.10 is a budget of 1.00, although the doubles add up to a little less or more.
    std::vector<std::vector<Cell>> rows(12, {{1.0, 0.1}});
    EXPECT_EQ(plan_within(table_of(rows), 1.0).invested, 10U);
    EXPECT_EQ(plan_within(table_of(rows), 0.99).invested, 9U);
    EXPECT_DOUBLE_EQ(plan_within(table_of(rows), 1.0).cost, 1.0);
    EXPECT_EQ(plan_within(table_of({{{1.0, 5.01}}}), 5.0).invested, 0U);
}

TEST(Optimizer, LargeAmountsStayExact) {
    const UpliftTable table = table_of({{{3.0e19, 1.0e19}}, {{2.0e19, 1.0e19}}, {{1.0, 1.0}}});
    const ActionPlan plan = plan_within(table, 1.0e19);
    EXPECT_EQ(plan.action[0], 1);
    EXPECT_EQ(plan.action[1], 0);
    EXPECT_LE(plan.cost, 1.0e19);
}

TEST(Optimizer, TiesGoToTheSmallerId) {
    const std::vector<std::vector<Cell>> rows(4, {{1.0, 1.0}, {1.0, 1.0}});
    const ActionPlan plan = plan_within(table_of(rows, {"d", "b", "c", "a"}), 2.0);
    EXPECT_EQ(plan.action, (std::vector<std::uint8_t>{0, 1, 0, 1}));
}

TEST(Optimizer, OrderOfCustomersDoesNotMatter) {
    Random random(99);
    for (int trial = 0; trial < 300; ++trial) {
        const std::size_t customers = 2 + random.below(30);
        auto rows = random_rows(random, customers, 3, trial % 2 == 0);
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < customers; ++i) {
            ids.push_back(std::to_string(random.below(1000)) + "-" + std::to_string(i));
        }
        const double budget = random.amount(static_cast<double>(2 * customers));
        const ActionPlan plan = plan_within(table_of(rows, ids), budget);

        std::vector<std::size_t> order(customers);
        std::iota(order.begin(), order.end(), std::size_t{0});
        for (std::size_t i = customers; i-- > 1;) {
            std::swap(order[i], order[random.below(i + 1)]);
        }
        std::vector<std::vector<Cell>> shuffled_rows;
        std::vector<std::string> shuffled_ids;
        for (const std::size_t i : order) {
            shuffled_rows.push_back(rows[i]);
            shuffled_ids.push_back(ids[i]);
        }
        const ActionPlan shuffled = plan_within(table_of(shuffled_rows, shuffled_ids), budget);
        for (std::size_t k = 0; k < customers; ++k) {
            ASSERT_EQ(shuffled.action[k], plan.action[order[k]]);
        }
        ASSERT_EQ(shuffled.cost, plan.cost);
        ASSERT_EQ(shuffled.expected_profit, plan.expected_profit);
        ASSERT_EQ(shuffled.upper_bound, plan.upper_bound);
        ASSERT_EQ(shuffled.multiplier(), plan.multiplier());
    }
}

TEST(Optimizer, RefusesWhatIsNoTable) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_THROW(plan_within(table_of({{{1.0, nan}}}), 1.0), InputError);
    EXPECT_THROW(plan_within(table_of({{{infinity, 1.0}}}), 1.0), InputError);
    EXPECT_NO_THROW(plan_within(table_of({{{1.0, -0.5}}}), 1.0));  // it frees budget
    EXPECT_NO_THROW(plan_within(table_of({{{nan, nan, false}}}), 1.0));
    UpliftTable table = table_of({{{1.0, 1.0}}});
    table.cost.pop_back();
    EXPECT_THROW(plan_within(table, 1.0), InputError);
    for (const double budget : {-0.01, nan, infinity}) {
        EXPECT_THROW(plan_within(table_of({{{1.0, 1.0}}}), budget), ConfigError);
    }
    UpliftTable nobody;
    nobody.actions = {"none"};
    EXPECT_NO_THROW(plan_within(nobody, 1.0));
}

TEST(Optimizer, ReasonsNameTheFigures) {
    const UpliftTable table = table_of({{{20.0, 5.0}},        // taken
                                        {{6.0, 5.0}},         // below the cut-off
                                        {{-2.0, 5.0}},        // loses
                                        {{1.0, 1.0, false}},  // not eligible
                                        {{3.0, 0.0}},         // free
                                        {{9.0, 5.0}}});       // the first that does not fit
    const ActionPlan plan = plan_within(table, 6.0);
    EXPECT_EQ(plan.action, (std::vector<std::uint8_t>{1, 0, 0, 0, 1, 0}));
    EXPECT_EQ(recommended_action(plan, 0), "Invest");
    EXPECT_EQ(recommended_action(plan, 1), "Ignore");
    EXPECT_EQ(reason(table, plan, 0), "a1 earns 20.00 for a cost of 5.00, 4.00 per unit of cost (cut-off 1.80)");
    EXPECT_EQ(reason(table, plan, 1),
              "a1 would earn 6.00 for a cost of 5.00, 1.20 per unit of cost: below the cut-off of "
              "1.80 that the budget sets");
    EXPECT_EQ(reason(table, plan, 2), "no action earns more than it costs: the best, a1, changes profit by -2.00");
    EXPECT_EQ(reason(table, plan, 3), "no action is open to the customer");
    EXPECT_EQ(reason(table, plan, 4), "a1 earns 3.00 at no cost");
    EXPECT_EQ(reason(table, plan, 5),
              "a1 would earn 9.00 for a cost of 5.00, 1.80 per unit of cost: not below the cut-off "
              "of 1.80, but it no longer fits the budget");
    EXPECT_EQ(reason(table, plan_within(table, std::nullopt), 1),
              "a1 earns 6.00 for a cost of 5.00, 1.20 per unit of cost, the most of all actions open to the customer");
}

TEST(Optimizer, ReasonsUnderSeveralLimits) {
    const UpliftTable table = table_of({{{20.0, 5.0}}, {{9.0, 1.0}}, {{6.0, 1.0}}, {{-2.0, 1.0}}});
    OptimizerSettings settings;
    settings.budget = 100.0;
    settings.limits.emplace_back();
    settings.limits.back().name = "calls";
    settings.limits.back().column = "count";
    settings.limits.back().max = 2.0;
    const ActionPlan plan = plan_actions(table, settings);
    EXPECT_EQ(plan.action, (std::vector<std::uint8_t>{1, 1, 0, 0}));
    ASSERT_GE(plan.limits[1].multiplier, 6.0);
    ASSERT_LE(plan.limits[1].multiplier, 9.0);
    const PlanReasons reasons(table, plan);
    EXPECT_EQ(reasons.of(0), fmt::format("a1 earns 20.00 for a cost of 5.00, 4.00 per unit of cost: worth {:.2f} more "
                                         "than none at the prices of the limits",
                                         20.0 - plan.limits[1].multiplier));
    EXPECT_EQ(reasons.of(3), fmt::format("a1 would earn -2.00 for a cost of 1.00, -2.00 per unit of cost: worth {:.2f} "
                                         "less than doing nothing at the prices of the limits",
                                         2.0 + plan.limits[1].multiplier));
}

TEST(Optimizer, NamesTheLimitsThatConflict) {
    const UpliftTable table = table_of({{{20.0, 5.0}}, {{9.0, 4.0}}, {{6.0, 3.0}}});
    OptimizerSettings settings;
    settings.budget = 6.0;
    const auto add = [&](const char* name, const char* column) {
        settings.limits.emplace_back();
        settings.limits.back().name = name;
        settings.limits.back().column = column;
        return &settings.limits.back();
    };
    add("at most three", "count")->max = 3.0;
    add("two customers", "count")->min = 2.0;
    const ActionPlan plan = plan_actions(table, settings);
    EXPECT_EQ(plan.status, PlanStatus::infeasible);
    EXPECT_EQ(plan.conflict, (std::vector<std::string>{"budget", "two customers"}));
    settings.budget = 7.0;
    EXPECT_EQ(plan_actions(table, settings).action, (std::vector<std::uint8_t>{0, 1, 1}));
}

TEST(Optimizer, RefusesWhatIsNoLimit) {
    const UpliftTable table = table_of({{{1.0, 1.0}}});
    const auto refuses = [&](auto change) {
        OptimizerSettings settings;
        settings.limits.emplace_back();
        settings.limits.back().name = "limit";
        settings.limits.back().max = 1.0;
        change(settings);
        EXPECT_THROW(static_cast<void>(plan_actions(table, settings)), ConfigError);
    };
    refuses([](OptimizerSettings& s) { s.limits[0].column = "costs"; });
    refuses([](OptimizerSettings& s) { s.limits[0].column = "cost_minutes"; });
    refuses([](OptimizerSettings& s) { s.limits[0].action = "call"; });
    refuses([](OptimizerSettings& s) { s.limits[0].segment = "a"; });
    refuses([](OptimizerSettings& s) { s.limits[0].name.clear(); });
    refuses([](OptimizerSettings& s) { s.limits[0].name = "budget"; });
    refuses([](OptimizerSettings& s) { s.limits[0].max.reset(); });
    refuses([](OptimizerSettings& s) { s.limits[0].min = 2.0; });
    refuses([](OptimizerSettings& s) { s.limits[0].min_roi = 2.0; });
    refuses([](OptimizerSettings& s) { s.limits[0].max = std::numeric_limits<double>::quiet_NaN(); });
    refuses([](OptimizerSettings& s) { s.limits.push_back(s.limits[0]); });
}

}  // namespace
}  // namespace clv
