// What must hold of every plan, whatever the table.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>

#include "clv/decisions/solver/optimizer.hpp"
#include "decisions/random_tables.hpp"

namespace clv {
namespace {

/// The same cases in every run.
const int fixed_seed = setenv("RC_PARAMS", "seed=20240607 max_success=200 max_size=60", 1);

/// Whole cents, ties included; negative and zero costs as well.
UpliftTable any_table(bool with_negative_costs) {
    const auto customers = *rc::gen::inRange<std::size_t>(1, 40);
    const auto actions = *rc::gen::inRange<std::size_t>(1, 5);
    UpliftTable table = empty_table(customers, actions);
    const auto profits = *rc::gen::container<std::vector<int>>(customers * actions, rc::gen::inRange(-300, 900));
    const auto costs = *rc::gen::container<std::vector<int>>(customers * actions,
                                                             rc::gen::inRange(with_negative_costs ? -100 : 0, 500));
    for (std::size_t k = 0; k < profits.size(); ++k) {
        table.expected_profit[customers + k] =
            profits[k] % 11 == 0 ? std::numeric_limits<double>::quiet_NaN() : 0.01 * profits[k];
        table.cost[customers + k] = 0.01 * costs[k];
    }
    table.segments = {"a", "b"};
    for (std::size_t i = 0; i < customers; ++i) {
        table.segment.push_back(static_cast<std::uint32_t>(i % 2));
    }
    return table;
}

OptimizerSettings with_budget(double budget) {
    OptimizerSettings settings;
    settings.budget = budget;
    return settings;
}

double any_budget(const UpliftTable& table) {
    return 0.01 * *rc::gen::inRange(0, static_cast<int>(table.size()) * 300);
}

void add_cap(OptimizerSettings& settings, const std::string& column, double max) {
    settings.limits.emplace_back();
    settings.limits.back().name = "cap " + std::to_string(settings.limits.size());
    settings.limits.back().column = column;
    settings.limits.back().max = max;
}

/// A budget, how many, and how much in a segment.
OptimizerSettings any_caps(const UpliftTable& table) {
    OptimizerSettings settings = with_budget(any_budget(table));
    add_cap(settings, "count", *rc::gen::inRange<int>(0, static_cast<int>(table.size()) + 1));
    add_cap(settings, "cost", any_budget(table));
    settings.limits.back().segment = "a";
    settings.exact = true;
    return settings;
}

/// Customers in another order, all their figures with them.
UpliftTable reordered(const UpliftTable& table, const std::vector<std::size_t>& order) {
    UpliftTable other = table;
    other.customer_id = {};
    for (const std::size_t i : order) {
        other.customer_id.push_back(table.customer_id[i]);
    }
    for (std::size_t k = 0; k < order.size(); ++k) {
        other.segment[k] = table.segment[order[k]];
        for (std::size_t a = 0; a < table.actions.size(); ++a) {
            other.expected_profit[other.cell(k, a)] = table.expected_profit[table.cell(order[k], a)];
            other.cost[other.cell(k, a)] = table.cost[table.cell(order[k], a)];
        }
    }
    return other;
}

TEST(PlanProperties, MoreBudgetNeverEarnsLess) {
    EXPECT_TRUE(rc::check([] {
        const UpliftTable table = any_table(true);
        double last = -1.0e9;
        for (double budget = 0.0; budget < 2.0 * static_cast<double>(table.size()); budget += 0.37) {
            const ActionPlan plan = plan_actions(table, with_budget(budget));
            if (plan.status == PlanStatus::infeasible) {
                continue;  // never again once there is enough
            }
            RC_ASSERT(plan.expected_profit >= last - 1.0e-9);
            last = plan.expected_profit;
        }
    }));
}

TEST(PlanProperties, MoreRoomNeverEarnsLess) {
    EXPECT_TRUE(rc::check([] {
        const UpliftTable table = any_table(false);
        OptimizerSettings settings = any_caps(table);
        const double before = plan_actions(table, settings).expected_profit;
        *settings.limits[0].max += 1.0;
        *settings.limits[1].max += 0.5;
        *settings.budget += 0.25;
        RC_ASSERT(plan_actions(table, settings).expected_profit >= before - 1.0e-9);
    }));
}

TEST(PlanProperties, AnotherCurrencyScalesTheValue) {
    EXPECT_TRUE(rc::check([] {
        UpliftTable table = any_table(true);
        const double budget = any_budget(table);
        const ActionPlan plan = plan_actions(table, with_budget(budget));
        const double rate = *rc::gen::element(100.0, 0.5, 1.0e6);
        for (auto* figures : {&table.expected_profit, &table.cost}) {
            std::ranges::transform(*figures, figures->begin(), [rate](double money) { return rate * money; });
        }
        const ActionPlan other = plan_actions(table, with_budget(rate * budget));
        RC_ASSERT(other.status == plan.status);
        RC_ASSERT(std::abs(other.expected_profit - rate * plan.expected_profit) <=
                  1.0e-9 * (1.0 + rate * std::abs(plan.expected_profit)));
    }));
}

TEST(PlanProperties, OrderOfCustomersIsOrderOfThePlan) {
    EXPECT_TRUE(rc::check([] {
        const UpliftTable table = any_table(false);
        std::vector<std::size_t> order(table.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        const auto swaps = *rc::gen::container<std::vector<unsigned>>(order.size(), rc::gen::arbitrary<unsigned>());
        for (std::size_t k = 0; k < order.size(); ++k) {
            std::swap(order[k], order[swaps[k] % order.size()]);
        }
        const UpliftTable other = reordered(table, order);
        for (const OptimizerSettings& settings : {with_budget(any_budget(table)), any_caps(table)}) {
            const ActionPlan plan = plan_actions(table, settings);
            const ActionPlan permuted = plan_actions(other, settings);
            for (std::size_t k = 0; k < order.size(); ++k) {
                RC_ASSERT(permuted.action[k] == plan.action[order[k]]);
            }
            RC_ASSERT(permuted.expected_profit == plan.expected_profit);
            RC_ASSERT(permuted.upper_bound == plan.upper_bound);
        }
    }));
}

TEST(PlanProperties, AnIrrelevantActionChangesNothing) {
    EXPECT_TRUE(rc::check([] {
        const UpliftTable table = any_table(false);
        const OptimizerSettings settings = with_budget(any_budget(table));
        UpliftTable wider = table;
        wider.actions.push_back("dearer and worse");
        for (std::size_t i = 0; i < table.size(); ++i) {
            wider.expected_profit.push_back(-0.01 * static_cast<double>(1 + i % 7));
            wider.cost.push_back(1.0 + 0.01 * static_cast<double>(i));
        }
        const ActionPlan plan = plan_actions(table, settings);
        const ActionPlan other = plan_actions(wider, settings);
        RC_ASSERT(other.action == plan.action);
        RC_ASSERT(other.expected_profit == plan.expected_profit);
    }));
}

TEST(PlanProperties, DoingNothingKeepsEveryCap) {
    EXPECT_TRUE(rc::check([] {
        const UpliftTable table = any_table(false);
        for (const bool exact : {false, true}) {
            OptimizerSettings settings = any_caps(table);
            settings.exact = exact;
            const ActionPlan plan = plan_actions(table, settings);
            RC_ASSERT(plan.status != PlanStatus::infeasible);
            RC_ASSERT(plan.expected_profit >= 0.0);
            RC_ASSERT(plan.cost <= *settings.budget + 0.005);
            for (const LimitUse& limit : plan.limits) {
                RC_ASSERT(limit.used <= *limit.max + 0.005);
            }
        }
    }));
}

TEST(PlanProperties, LargeTablesDoNotDependOnOrderEither) {
    RandomNumbers random(5);
    UpliftTable table = random_table(random, 30'000, 4, false);
    table.segments = {"a"};
    table.segment.assign(table.size(), 0);
    std::vector<std::size_t> order(table.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t k = order.size(); k-- > 1;) {
        std::swap(order[k], order[random.below(k + 1)]);
    }
    const UpliftTable other = reordered(table, order);
    for (const double budget : {900.0, 20'000.0, 60'000.0}) {
        OptimizerSettings settings = with_budget(budget);
        for (const bool has_more : {false, true}) {
            if (has_more) {
                add_cap(settings, "count", 0.2 * budget);
            }
            const ActionPlan plan = plan_actions(table, settings);
            const ActionPlan permuted = plan_actions(other, settings);
            EXPECT_LT(plan.relative_gap, 1.0e-5);
            EXPECT_LE(plan.cost, budget);
            EXPECT_EQ(permuted.expected_profit, plan.expected_profit) << budget << has_more;
            std::size_t different = 0;
            for (std::size_t k = 0; k < order.size(); ++k) {
                different += permuted.action[k] != plan.action[order[k]] ? 1 : 0;
            }
            EXPECT_EQ(different, 0U) << budget << has_more;
        }
    }
}

}  // namespace
}  // namespace clv
