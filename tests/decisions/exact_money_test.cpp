// Limits that are met exactly, or missed by less than a decimal can show: plans against every combination, with amounts
// that are no whole numbers of anything.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "clv/decisions/solver/optimizer.hpp"
#include "clv/decisions/table/certificate.hpp"
#include "clv/decisions/table/exact_limits.hpp"
#include "decisions/random_tables.hpp"

namespace clv {
namespace {

OrderFreeSum exact_sum_of(const std::vector<double>& values) {
    OrderFreeSum sum;
    for (const double value : values) {
        sum.add(value);
    }
    return sum;
}

double allowance_of(double bound, const std::vector<double>& amounts) {
    Allowance allowance(bound);
    std::ranges::for_each(amounts, [&](double amount) { allowance.add(amount); });
    return allowance.total();
}

bool keeps_most(const std::vector<double>& amounts, double most) {
    return keeps_most(exact_sum_of(amounts), most, allowance_of(most, amounts));
}

bool keeps_least(const std::vector<double>& amounts, double least) {
    return keeps_least(exact_sum_of(amounts), least, allowance_of(least, amounts));
}

TEST(ExactLimits, AllowHalfAUnitInTheLastPlaces) {
    const std::vector<double> sevenths(7, 2.0 / 7.0);
    EXPECT_TRUE(keeps_most(sevenths, 2.0));
    EXPECT_TRUE(keeps_least(sevenths, 2.0));
    EXPECT_TRUE(keeps_most({0.1, 0.2}, 0.3));
    EXPECT_TRUE(keeps_most(exact_sum_of({2.0, 0x1p-52}), 2.0, allowance_of(2.0, {})));  // half a unit of the bound
    EXPECT_FALSE(keeps_most(exact_sum_of({2.0, 0x1p-52, 0x1p-1074}), 2.0, allowance_of(2.0, {})));
    EXPECT_TRUE(keeps_most(exact_sum_of({2.0, 0x1p-51}), 2.0, allowance_of(2.0, {2.0})));  // and of an amount
    EXPECT_FALSE(keeps_most(exact_sum_of({2.0, 0x1p-51, 0x1p-1074}), 2.0, allowance_of(2.0, {2.0})));
    EXPECT_EQ(allowance_of(2.0, {1.0e9}), 0x1p-51);  // what is beyond the bound is no part of the sum
    EXPECT_FALSE(keeps_most({0x1p-1074}, 0.0));
    EXPECT_TRUE(keeps_most({0.1, -0.1}, 0.0));
    EXPECT_FALSE(keeps_least(exact_sum_of({2.0, -0x1p-52, -0x1p-1074}), 2.0, allowance_of(2.0, {})));
    EXPECT_TRUE(keeps_most(exact_sum_of({-2.0, 0x1p-52}), -2.0, allowance_of(-2.0, {})));
    EXPECT_TRUE(keeps_most({1.0e300}, std::numeric_limits<double>::infinity()));
    EXPECT_EQ(exact_sum_of({1.0e20, 1.0, -1.0e20}).nearest(), 1.0);
    EXPECT_EQ(exact_sum_of({-1.0e20, -1.0, 1.0e20}).nearest(), -1.0);
    EXPECT_EQ(exact_sum_of({1.0, 0x1p-53, 0x1p-80}).nearest(), 1.0 + 0x1p-52);
    EXPECT_EQ(exact_sum_of({1.0, 0x1p-53}).nearest(), 1.0);
}

TEST(ExactLimits, ManyTimesADecimalIsItsMultiple) {
    for (int cents = 1; cents < 1000; ++cents) {
        for (int count = 1; count <= 100; ++count) {
            const std::vector<double> costs(static_cast<std::size_t>(count), cents / 100.0);
            const double budget = cents * count / 100.0;
            ASSERT_TRUE(keeps_most(costs, budget) && keeps_least(costs, budget)) << cents << " x " << count;
            ASSERT_FALSE(keeps_most(costs, budget - 0.0001) || keeps_least(costs, budget + 0.0001));
        }
    }
}

enum class Amounts { cents, hundredths_of_two, thirds, sevenths, tiny, huge, far_apart };

double amount(RandomNumbers& random, Amounts kind) {
    const auto small = [&] { return static_cast<double>(random.below(12)); };
    switch (kind) {
        case Amounts::cents:
            return small() / 100.0;
        case Amounts::hundredths_of_two:
            return 0.02;
        case Amounts::thirds:
            return small() / 3.0;
        case Amounts::sevenths:
            return small() / 7.0;
        case Amounts::tiny:
            return small() * 1.1e-15;
        case Amounts::huge:
            return small() * 1.1e17;
        case Amounts::far_apart:
            return std::pow(10.0, static_cast<double>(random.below(21)) - 15.0) * small() / 7.0;
    }
    return 0.0;
}

class ExactMoney : public ::testing::TestWithParam<Amounts> {
  protected:
    UpliftTable table_of(RandomNumbers& random) {
        UpliftTable table = empty_table(1 + random.below(6), 1 + random.below(2));
        for (std::size_t cell = table.size(); cell < table.cost.size(); ++cell) {
            table.cost[cell] = amount(random, GetParam());
            table.expected_profit[cell] = amount(random, GetParam());
        }
        return table;
    }
    /// Of the optimum; where amounts are far apart, of the largest of them.
    double tolerance(const UpliftTable& table, double optimum) {
        constexpr double relative = 1.0e-11;
        const double largest = *std::ranges::max_element(table.expected_profit);
        return relative * (GetParam() == Amounts::far_apart ? largest : std::abs(optimum));
    }
    /// What some plan uses, added up one after the other, and so a budget that is met exactly or nearly.
    double met_by_some_plan(RandomNumbers& random, const UpliftTable& table, const std::vector<double>& figures) {
        double sum = 0.0;
        for (std::size_t i = 0; i < table.size(); ++i) {
            sum += figures[table.cell(i, random.below(table.actions.size()))];
        }
        return sum;
    }
};

double best_of_all(const UpliftTable& table, const std::function<bool(const std::vector<std::uint8_t>&)>& is_within) {
    std::vector<std::uint8_t> action(table.size(), 0);
    double best = -std::numeric_limits<double>::infinity();
    for (;;) {
        if (is_within(action)) {
            OrderFreeSum profit;
            for (std::size_t i = 0; i < table.size(); ++i) {
                profit.add(table.expected_profit[table.cell(i, action[i])]);
            }
            best = std::max(best, profit.nearest());
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

OrderFreeSum exact_sum_under(const UpliftTable& table, const std::vector<double>& figures,
                             const std::vector<std::uint8_t>& action) {
    OrderFreeSum sum;
    for (std::size_t i = 0; i < action.size(); ++i) {
        sum.add(figures[table.cell(i, action[i])]);
    }
    return sum;
}

/// By how much sums of these figures may miss a bound.
double allowance_of(double bound, const UpliftTable& table, const std::vector<double>& figures) {
    std::vector<double> largest(table.size(), 0.0);
    for (std::size_t i = 0; i < table.size(); ++i) {
        for (std::size_t a = 0; a < table.actions.size(); ++a) {
            largest[i] = std::max(largest[i], std::abs(figures[table.cell(i, a)]));
        }
    }
    return allowance_of(bound, largest);
}

bool keeps_most(const UpliftTable& table, const std::vector<double>& figures, const std::vector<std::uint8_t>& action,
                double most) {
    return keeps_most(exact_sum_under(table, figures, action), most, allowance_of(most, table, figures));
}

bool keeps_least(const UpliftTable& table, const std::vector<double>& figures, const std::vector<std::uint8_t>& action,
                 double least) {
    return keeps_least(exact_sum_under(table, figures, action), least, allowance_of(least, table, figures));
}

void expect_verified(const UpliftTable& table, const OptimizerSettings& settings, const ActionPlan& plan, int trial) {
    const CertificateCheck check = check_certificate(table, plan.action, certify(table, settings, plan));
    ASSERT_TRUE(check.mismatches.empty()) << trial << ": " << check.mismatches.front();
}

TEST_P(ExactMoney, OneBudgetAgainstEveryCombination) {
    RandomNumbers random(300U + static_cast<std::uint32_t>(GetParam()));
    for (int trial = 0; trial < 1500; ++trial) {
        const UpliftTable table = table_of(random);
        OptimizerSettings settings;
        settings.exact = true;
        settings.budget =
            random.below(4) == 0 ? amount(random, GetParam()) : met_by_some_plan(random, table, table.cost);
        const double optimum = best_of_all(table, [&](const std::vector<std::uint8_t>& action) {
            return keeps_most(table, table.cost, action, *settings.budget);
        });
        const ActionPlan plan = plan_actions(table, settings);
        ASSERT_TRUE(keeps_most(table, table.cost, plan.action, *settings.budget)) << trial;
        ASSERT_NEAR(plan.expected_profit, optimum, tolerance(table, optimum)) << trial;
        ASSERT_EQ(plan.cost, exact_sum_under(table, table.cost, plan.action).nearest()) << trial;
        if (GetParam() != Amounts::far_apart) {
            ASSERT_EQ(plan.status, PlanStatus::optimal) << trial;
        }
        expect_verified(table, settings, plan, trial);
    }
}

TEST_P(ExactMoney, SeveralLimitsAgainstEveryCombination) {
    RandomNumbers random(400U + static_cast<std::uint32_t>(GetParam()));
    for (int trial = 0; trial < 400; ++trial) {
        const UpliftTable table = table_of(random);
        OptimizerSettings settings;
        settings.exact = true;
        const auto add = [&](const char* column) -> PlanLimit& {
            settings.limits.emplace_back();
            settings.limits.back().name = "limit " + std::to_string(settings.limits.size());
            settings.limits.back().column = column;
            return settings.limits.back();
        };
        PlanLimit& cost = add("cost");
        cost.max = met_by_some_plan(random, table, table.cost);
        if (random.below(3) == 0) {
            cost.min = cost.max;  // met exactly, or not at all
        }
        const std::size_t kind = random.below(3);
        if (kind == 0) {
            add("expected_profit").min = met_by_some_plan(random, table, table.expected_profit);
        } else if (kind == 1) {
            add("expected_profit").max = met_by_some_plan(random, table, table.expected_profit);
        } else {
            add("cost").min_roi = static_cast<double>(random.below(7)) / 3.0;
        }
        const auto is_within = [&](const std::vector<std::uint8_t>& action) {
            const PlanLimit& first = settings.limits[0];
            bool is_kept = keeps_most(table, table.cost, action, *first.max) &&
                           (!first.min || keeps_least(table, table.cost, action, *first.min));
            const PlanLimit& second = settings.limits[1];
            is_kept = is_kept && (!second.max || keeps_most(table, table.expected_profit, action, *second.max)) &&
                      (!second.min || keeps_least(table, table.expected_profit, action, *second.min));
            if (second.min_roi) {
                OrderFreeSum returns;
                for (std::size_t i = 0; i < action.size(); ++i) {
                    const std::size_t cell = table.cell(i, action[i]);
                    returns.add(table.expected_profit[cell] - least_return(*second.min_roi) * table.cost[cell]);
                }
                is_kept = is_kept && keeps_least(returns, 0.0, 0.0);
            }
            return is_kept;
        };
        const double optimum = best_of_all(table, is_within);
        const ActionPlan plan = plan_actions(table, settings);
        if (std::isinf(optimum)) {
            ASSERT_EQ(plan.status, PlanStatus::infeasible) << trial;
            continue;
        }
        ASSERT_NE(plan.status, PlanStatus::infeasible) << trial;
        ASSERT_TRUE(is_within(plan.action)) << trial;
        ASSERT_NEAR(plan.expected_profit, optimum, tolerance(table, optimum)) << trial;
        expect_verified(table, settings, plan, trial);
    }
}

INSTANTIATE_TEST_SUITE_P(Amounts, ExactMoney,
                         ::testing::Values(Amounts::cents, Amounts::hundredths_of_two, Amounts::thirds,
                                           Amounts::sevenths, Amounts::tiny, Amounts::huge, Amounts::far_apart));

TEST(MinRoi, IsMetByDecimals) {
    UpliftTable table = empty_table(2, 1);
    OptimizerSettings settings;
    settings.limits.emplace_back();
    settings.limits.back().name = "return";
    for (const double cost : {1.0 / 7.0, 0.1, 0.3, 1.0 / 3.0}) {
        for (const double roi : {7.0, 3.0, 1.9, 0.7}) {
            table.cost = {0.0, 0.0, cost, cost};
            table.expected_profit = {0.0, 0.0, roi * cost - 0.05, roi * cost + 0.05};
            settings.limits.back().min_roi = roi;
            const ActionPlan plan = plan_actions(table, settings);
            EXPECT_EQ(plan.invested, 2U) << cost << " " << roi;
        }
    }
}

}  // namespace
}  // namespace clv
