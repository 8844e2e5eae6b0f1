// Plans against every combination of choices, on the classic kinds of instances (Kellerer, Pferschy, Pisinger 2004,
// section 11.6), with one limit and with several.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "clv/decisions/solver/optimizer.hpp"
#include "decisions/random_tables.hpp"

namespace clv {
namespace {

enum class Kind { uncorrelated, weakly_correlated, strongly_correlated, subset_sum, sinha_zoltners, any_sign };

/// Whole amounts, as in the literature.
UpliftTable classic_table(RandomNumbers& random, Kind kind, std::size_t customers, std::size_t actions) {
    constexpr std::size_t range = 100;
    UpliftTable table = empty_table(customers, actions);
    const auto whole = [&](std::size_t most) { return static_cast<double>(1 + random.below(most)); };
    for (std::size_t i = 0; i < customers; ++i) {
        std::vector<double> cost(actions);
        std::vector<double> profit(actions);
        for (std::size_t a = 0; a < actions; ++a) {
            cost[a] = whole(range);
            profit[a] = whole(range);
            switch (kind) {
                case Kind::weakly_correlated:
                    profit[a] = std::max(1.0, cost[a] + whole(21) - 11.0);
                    break;
                case Kind::strongly_correlated:  // sums of items of a strongly correlated knapsack
                    cost[a] += a > 0 ? cost[a - 1] : 0.0;
                    profit[a] = cost[a] + 10.0 * static_cast<double>(a + 1);
                    break;
                case Kind::subset_sum:
                    profit[a] = cost[a];
                    break;
                case Kind::any_sign:
                    cost[a] -= 40.0;
                    profit[a] -= 50.0;
                    break;
                case Kind::uncorrelated:
                case Kind::sinha_zoltners:
                    break;
            }
        }
        if (kind == Kind::sinha_zoltners) {
            std::sort(cost.begin(), cost.end());
            std::sort(profit.begin(), profit.end());
        }
        for (std::size_t a = 0; a < actions; ++a) {
            table.cost[table.cell(i, a + 1)] = cost[a];
            table.expected_profit[table.cell(i, a + 1)] = profit[a];
        }
    }
    return table;
}

double least_cost(const UpliftTable& table) {
    double sum = 0.0;
    for (std::size_t i = 0; i < table.size(); ++i) {
        double least = 0.0;
        for (std::size_t a = 0; a < table.actions.size(); ++a) {
            least = std::min(least, table.cost[table.cell(i, a)]);
        }
        sum += least;
    }
    return sum;
}

double most_cost(const UpliftTable& table) {
    double sum = 0.0;
    for (std::size_t i = 0; i < table.size(); ++i) {
        double most = 0.0;
        for (std::size_t a = 0; a < table.actions.size(); ++a) {
            most = std::max(most, table.cost[table.cell(i, a)]);
        }
        sum += most;
    }
    return sum;
}

/// The highest profit over every combination that `is_within` accepts; -infinity where there is none.
double best_combination(const UpliftTable& table,
                        const std::function<bool(const std::vector<std::uint8_t>&)>& is_within) {
    std::vector<std::uint8_t> action(table.size(), 0);
    double best = -std::numeric_limits<double>::infinity();
    const std::function<void(std::size_t, double)> go_on = [&](std::size_t i, double profit) {
        if (i == table.size()) {
            best = profit > best && is_within(action) ? profit : best;
            return;
        }
        for (std::size_t a = 0; a < table.actions.size(); ++a) {
            if (table.is_open(i, a)) {
                action[i] = static_cast<std::uint8_t>(a);
                go_on(i + 1, profit + table.expected_profit[table.cell(i, a)]);
            }
        }
    };
    go_on(0, 0.0);
    return best;
}

double sum_of(const UpliftTable& table, const std::vector<double>& figures, const std::vector<std::uint8_t>& action) {
    double sum = 0.0;
    for (std::size_t i = 0; i < action.size(); ++i) {
        sum += figures[table.cell(i, action[i])];
    }
    return sum;
}

class ClassicInstances : public ::testing::TestWithParam<Kind> {};

TEST_P(ClassicInstances, OneBudgetAgainstEveryCombination) {
    RandomNumbers random(20240501U + static_cast<std::uint32_t>(GetParam()));
    for (int trial = 0; trial < 700; ++trial) {
        const UpliftTable table = classic_table(random, GetParam(), 1 + random.below(6), 1 + random.below(3));
        const double low = least_cost(table);
        const double share = 0.05 * static_cast<double>(1 + random.below(19));
        OptimizerSettings settings;
        settings.budget = std::max(0.0, std::floor(low + share * (most_cost(table) - low)));
        const double optimum = best_combination(table, [&](const std::vector<std::uint8_t>& action) {
            return sum_of(table, table.cost, action) <= *settings.budget;
        });
        for (const bool exact : {false, true}) {
            settings.exact = exact;
            const ActionPlan plan = plan_actions(table, settings);
            ASSERT_LE(plan.cost, *settings.budget);
            ASSERT_DOUBLE_EQ(plan.cost, sum_of(table, table.cost, plan.action));
            ASSERT_DOUBLE_EQ(plan.expected_profit, sum_of(table, table.expected_profit, plan.action));
            ASSERT_LE(plan.expected_profit, optimum + 1e-9) << trial;
            ASSERT_GE(plan.upper_bound, optimum - 1e-9) << trial;
            ASSERT_GE(plan.relaxed_bound, plan.upper_bound);
            if (exact) {
                ASSERT_EQ(plan.status, PlanStatus::optimal) << trial;
                ASSERT_NEAR(plan.expected_profit, optimum, 1e-9) << trial;
                ASSERT_EQ(plan.relative_gap, 0.0);
            }
        }
    }
}

TEST_P(ClassicInstances, SeveralLimitsAgainstEveryCombination) {
    RandomNumbers random(777U + static_cast<std::uint32_t>(GetParam()));
    int infeasible = 0;
    for (int trial = 0; trial < 300; ++trial) {
        UpliftTable table = classic_table(random, GetParam(), 2 + random.below(4), 2);
        table.segments = {"a", "b"};
        CostColumn minutes{"minutes", table.cost};
        for (std::size_t i = 0; i < table.size(); ++i) {
            table.segment.push_back(static_cast<std::uint32_t>(random.below(2)));
            for (std::size_t a = 1; a < table.actions.size(); ++a) {
                minutes.values[table.cell(i, a)] = static_cast<double>(random.below(10));
            }
        }
        table.further_costs = {minutes};
        OptimizerSettings settings;
        settings.budget = std::floor(random.amount(0.8 * most_cost(table)));
        const auto add = [&](const char* column, std::optional<double> min, std::optional<double> max) {
            settings.limits.emplace_back();
            settings.limits.back().name = "limit " + std::to_string(settings.limits.size());
            settings.limits.back().column = column;
            settings.limits.back().min = min;
            settings.limits.back().max = max;
            return &settings.limits.back();
        };
        const auto small = [&](std::size_t most) { return static_cast<double>(random.below(most)); };
        add("cost_minutes", std::nullopt, small(25));
        add("count", std::nullopt, 1.0 + small(3))->action = "a1";
        const double most_b = small(150);
        add("cost", random.below(2) == 0 ? std::optional(small(30)) : std::nullopt, 30.0 + most_b)->segment = "b";
        add("count", small(3), std::nullopt);
        if (random.below(3) == 0) {
            settings.limits.emplace_back();
            settings.limits.back().name = "return";
            settings.limits.back().min_roi = 1.0 + 0.25 * small(3);
        }
        const auto is_within = [&](const std::vector<std::uint8_t>& action) {
            const PlanLimit& b = settings.limits[2];
            double cost_b = 0.0;
            double count = 0.0;
            double count_1 = 0.0;
            for (std::size_t i = 0; i < action.size(); ++i) {
                cost_b += table.segment[i] == 1 ? table.cost[table.cell(i, action[i])] : 0.0;
                count += action[i] != 0 ? 1.0 : 0.0;
                count_1 += action[i] == 1 ? 1.0 : 0.0;
            }
            const double cost = sum_of(table, table.cost, action);
            return cost <= *settings.budget && sum_of(table, minutes.values, action) <= *settings.limits[0].max &&
                   count_1 <= *settings.limits[1].max && cost_b <= *b.max && cost_b >= b.min.value_or(-1e9) &&
                   count >= *settings.limits[3].min &&
                   (settings.limits.size() < 5 ||
                    sum_of(table, table.expected_profit, action) >= *settings.limits[4].min_roi * cost - 1e-9);
        };
        const double optimum = best_combination(table, is_within);
        for (const bool exact : {false, true}) {
            settings.exact = exact;
            const ActionPlan plan = plan_actions(table, settings);
            if (std::isinf(optimum)) {
                infeasible += exact ? 1 : 0;
                ASSERT_EQ(plan.status, PlanStatus::infeasible) << trial;
                ASSERT_FALSE(plan.conflict.empty()) << trial;
                continue;
            }
            ASSERT_NE(plan.status, PlanStatus::infeasible) << trial;
            ASSERT_TRUE(is_within(plan.action)) << trial;
            ASSERT_LE(plan.expected_profit, optimum + 1e-9) << trial;
            ASSERT_GE(plan.upper_bound, optimum - 1e-6) << trial;
            if (exact) {
                ASSERT_EQ(plan.status, PlanStatus::optimal) << trial;
                ASSERT_NEAR(plan.expected_profit, optimum, 1e-9) << trial;
            }
        }
    }
    RecordProperty("infeasible", infeasible);
}

std::string kind_name(const ::testing::TestParamInfo<Kind>& info) {
    switch (info.param) {
        case Kind::uncorrelated:
            return "Uncorrelated";
        case Kind::weakly_correlated:
            return "WeaklyCorrelated";
        case Kind::strongly_correlated:
            return "CumulatedStronglyCorrelated";
        case Kind::subset_sum:
            return "SubsetSum";
        case Kind::sinha_zoltners:
            return "SinhaZoltners";
        case Kind::any_sign:
            return "AnySign";
    }
    return "";
}

INSTANTIATE_TEST_SUITE_P(Kinds, ClassicInstances,
                         ::testing::Values(Kind::uncorrelated, Kind::weakly_correlated, Kind::strongly_correlated,
                                           Kind::subset_sum, Kind::sinha_zoltners, Kind::any_sign),
                         kind_name);

}  // namespace
}  // namespace clv
