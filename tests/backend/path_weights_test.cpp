// Means over weighted paths: equal weights are no weights, a weight on some paths takes those alone, and any weights
// give the weighted sum of the paths, to the bit and however the work is divided.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/path_weights.hpp"
#include "cpu/instruction_sets.hpp"
#include "support/digest.hpp"
#include "support/instruction_sets.hpp"
#include "support/retail_world.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

SimulationPlan weighted_plan() {
    SimulationPlan plan;
    plan.settings.paths = 496;
    plan.settings.horizon_months = 24;
    plan.settings.seed = 7;
    plan.market.revenue_volatility = 0.2;
    Action discount;
    discount.name = "discount";
    discount.price_multiplier = {0.9, 0.05, 0.0};
    discount.hazard_multiplier.median = 0.7;
    discount.acceptance = 0.8;
    Action call;
    call.name = "call";
    call.cost = 4.0;
    call.cost_if_accepted = 2.0;
    call.monthly_cost = 0.5;
    call.hazard_multiplier = {0.6, 0.0, 0.3};
    call.acceptance = 0.3;
    call.duration_months = 9;
    plan.actions = {discount, call};
    return plan;
}

SimulationPlan weightless_retail_plan() {
    SimulationPlan plan = test::retail_plan();
    plan.settings.cashflow = false;
    return plan;
}

/// Some paths without weight, the others all different.
std::vector<double> uneven_weights(std::size_t paths) {
    std::vector<double> weights(paths);
    for (std::size_t path = 0; path < paths; ++path) {
        weights[path] = path % 3 == 0 ? 0.0 : test::uniform(path, 5, 0.0, 1.0);
    }
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (double& weight : weights) {
        weight /= sum;
    }
    return weights;
}

template <class Columns>
SimulationResult run_on(const Backend& backend, const Columns& columns, const SimulationPlan& plan) {
    NoProgress progress;
    return backend.run(columns, plan, progress);
}

template <class Columns>
void expect_equal_weights_are_none(const Columns& columns, SimulationPlan plan) {
    const auto backend = make_cpu_backend(2);
    const SimulationResult plain = run_on(*backend, columns, plan);
    plan.path_weights.assign(static_cast<std::size_t>(plan.settings.paths),
                             1.0 / static_cast<double>(plan.settings.paths));
    const SimulationResult weighted = run_on(*backend, columns, plan);
    ASSERT_EQ(weighted.uplift.size(), plain.uplift.size());
    for (std::size_t a = 0; a < plain.uplift.size(); ++a) {
        EXPECT_EQ(weighted.uplift[a].expected_profit, plain.uplift[a].expected_profit);
        EXPECT_EQ(weighted.uplift[a].cost, plain.uplift[a].cost);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            EXPECT_TRUE(std::isnan(weighted.uplift[a].expected_profit_se[i]));
            EXPECT_TRUE(std::isnan(weighted.actions[a + 1].quantiles[0][i]));
            EXPECT_NEAR(weighted.actions[a + 1].mean[i], plain.actions[a + 1].mean[i],
                        1e-9 * std::abs(plain.actions[a + 1].mean[i]) + 1e-9);
        }
    }
    EXPECT_EQ(weighted.actions[0].mean, plain.actions[0].mean);
    EXPECT_EQ(weighted.totals.values, plain.totals.values);
}

TEST(PathWeights, EqualOnesGiveThePlainMeansToTheBit) {
    expect_equal_weights_are_none(test::mixed_customers(40), weighted_plan());
    SimulationPlan sobol = weighted_plan();
    sobol.settings.sampler = Sampler::sobol;
    expect_equal_weights_are_none(test::mixed_customers(20), sobol);
}

TEST(PathWeights, EqualOnesGiveThePlainMeansOfRetailersToTheBit) {
    for (const test::FittedLaw& law : test::fitted_laws) {
        expect_equal_weights_are_none(test::mixed_buyers(law, 20), weightless_retail_plan());
    }
}

/// The gain of one customer path by path is what an assignment run has as totals.
template <class Columns>
void expect_weighted_sum_of_paths(const Columns& one, SimulationPlan plan) {
    const auto backend = make_cpu_backend(1);
    const std::vector<double> weights = uneven_weights(static_cast<std::size_t>(plan.settings.paths));
    const PathWeights whole = whole_weights(weights);
    SimulationPlan weighted_plan = plan;
    weighted_plan.path_weights = weights;
    const SimulationResult weighted = run_on(*backend, one, weighted_plan);
    const SimulationResult plain = run_on(*backend, one, plan);
    const auto expect_sum = [&](double mean, const PathTotals& totals) {
        double largest = 0.0;
        for (const std::int64_t units : totals.values) {
            largest = std::max(largest, std::abs(static_cast<double>(units)) * totals.unit);
        }
        EXPECT_NEAR(mean, whole.mean(totals.values, totals.unit), 1e-9 * largest);
    };
    expect_sum(weighted.actions[0].mean[0], plain.totals);
    for (std::size_t a = 1; a <= plan.actions.size(); ++a) {
        SimulationPlan assigned = plan;
        assigned.settings.cashflow = false;
        assigned.assignment = {static_cast<std::uint8_t>(a)};
        const PathTotals gains = run_on(*backend, one, assigned).totals;
        expect_sum(weighted.uplift[a - 1].expected_profit[0], gains);
        const auto [least, most] = std::ranges::minmax(gains.values);
        if (static_cast<double>(most - least) * gains.unit > 1e-3) {
            // the planted error: paths in another order
            std::vector<std::int64_t> shifted(gains.values.begin() + 1, gains.values.end());
            shifted.push_back(gains.values.front());
            EXPECT_GT(std::abs(weighted.uplift[a - 1].expected_profit[0] - whole.mean(shifted, gains.unit)),
                      1e-6 * std::abs(weighted.uplift[a - 1].expected_profit[0]));
        }
        assigned.path_weights = weights;
        const SimulationResult chosen = run_on(*backend, one, assigned);
        EXPECT_EQ(chosen.uplift[0].expected_profit[0], weighted.uplift[a - 1].expected_profit[0]);
        EXPECT_EQ(chosen.uplift[0].cost[0], weighted.uplift[a - 1].cost[0]);
        EXPECT_EQ(chosen.totals.values, gains.values);
    }
}

SubscriptionColumns only_one(SubscriptionColumns columns, std::size_t customer) {
    for (Column* column :
         {&columns.monthly_revenue, &columns.margin, &columns.retention_cost, &columns.acquisition_cost,
          &columns.revenue_growth, &columns.revenue_volatility, &columns.market_beta}) {
        column->assign(1, (*column)[customer]);
    }
    columns.id_hash = {columns.id_hash[customer]};
    columns.hazards.customers = {columns.hazards.customers[customer]};
    columns.segment.clear();
    columns.segments.clear();
    return columns;
}

TEST(PathWeights, WeighEveryPathOfACustomer) {
    const SubscriptionColumns columns = test::mixed_customers(12);
    for (std::size_t customer = 0; customer < columns.size(); ++customer) {
        SCOPED_TRACE(customer);
        SimulationPlan plan = weighted_plan();
        if (customer % 2 == 0) {
            plan.market = {};  // chunks are then put in the order of lifetimes
        }
        expect_weighted_sum_of_paths(only_one(columns, customer), plan);
    }
}

TEST(PathWeights, WeighEveryPathOfABuyer) {
    for (const test::FittedLaw& law : test::fitted_laws) {
        SCOPED_TRACE(law.name);
        RetailColumns one = test::mixed_buyers(law, 2);
        for (std::vector<double>* column : {&one.age, &one.frequency, &one.recency, &one.monetary_value}) {
            column->erase(column->begin());
        }
        one.margin.assign(1, 0.6);
        one.id_hash.erase(one.id_hash.begin());
        one.segment.clear();
        one.segments.clear();
        expect_weighted_sum_of_paths(one, weightless_retail_plan());
    }
}

/// Costs of months while active are those of the paths that count.
TEST(PathWeights, WeighTheActiveMonthsOfCosts) {
    SubscriptionColumns columns = test::plain_customers(1);
    test::set_constant_churn(columns, 0.1);
    SimulationPlan plan;
    plan.settings.paths = 64;
    plan.settings.discount_rate.value = 0.0;
    Action care;
    care.name = "care";
    care.monthly_cost = 1.0;
    plan.actions = {care};
    const auto backend = make_cpu_backend(1);
    const PathTotals totals = run_on(*backend, columns, plan).totals;
    for (const std::size_t path : {0U, 17U, 63U}) {
        plan.path_weights.assign(64, 0.0);
        plan.path_weights[path] = 1.0;
        const SimulationResult one_path = run_on(*backend, columns, plan);
        const double months = static_cast<double>(totals.values[path]) * totals.unit / 100.0;
        EXPECT_NEAR(one_path.uplift[0].cost[0], months, 1e-9);
        EXPECT_NEAR(one_path.uplift[0].expected_profit[0], -months, 1e-9);
        EXPECT_NEAR(one_path.actions[0].mean[0], 100.0 * months, 1e-9);
    }
}

class WeightedBits : public ::testing::TestWithParam<const char*> {};

TEST_P(WeightedBits, AreThoseOfScalarCode) {
    const auto digests = [](int threads) {
        SimulationPlan plan = weighted_plan();
        plan.path_weights = uneven_weights(static_cast<std::size_t>(plan.settings.paths));
        SimulationPlan retail = weightless_retail_plan();
        retail.path_weights = uneven_weights(static_cast<std::size_t>(retail.settings.paths));
        const CpuSettings settings{.threads = threads,
                                   .customers_per_block = threads == 1 ? 64U : 3U,
                                   .paths_per_check = threads == 1 ? 65'536U : 48U};
        const auto backend = make_cpu_backend(settings);
        return std::pair(test::digest(run_on(*backend, test::mixed_customers(60), plan)),
                         test::digest(run_on(*backend, test::mixed_buyers(test::fitted_laws[0], 20), retail)));
    };
    const auto scalar = [&] {
        const test::CpuTarget target("scalar");
        return digests(1);
    }();
    const test::CpuTarget target(GetParam());
    try {
        static_cast<void>(make_cpu_backend(1)->capabilities());
    } catch (const Error& error) {
        GTEST_SKIP() << error.what();
    }
    EXPECT_EQ(digests(1), scalar);
    EXPECT_EQ(digests(3), scalar);
}

INSTANTIATE_TEST_SUITE_P(Cpu, WeightedBits, ::testing::ValuesIn(test::instruction_sets),
                         [](const auto& info) { return info.param; });

/// Sums of chunks of every length, with values that vectors take at once and some beyond.
TEST(PathWeights, SumLargeValuesToo) {
    constexpr double scale = 1024.0;
    std::vector<double> values(cpu::chunk_paths);
    std::vector<double> without(cpu::chunk_paths);
    std::vector<std::uint32_t> weights(cpu::chunk_paths, PathWeights::largest);
    for (const cpu::InstructionSet& set : cpu::supported_instruction_sets()) {
        for (int count = 1; count <= cpu::chunk_paths; ++count) {
            const double size = count % 3 == 0 ? 0x1.fp50 : count % 3 == 1 ? 0x1.ffffffp39 : 0x1p20;
            cpu::AlternativePaths none{};
            cpu::AlternativePaths action{};
            none.scale = action.scale = scale;
            Wide expected_none = 0;
            Wide expected_gain = 0;
            for (int at = 0; at < count; ++at) {
                const auto path = static_cast<std::size_t>(at);
                values[path] = test::uniform(path, 1, -size, size);
                without[path] = count % 2 == 0 ? -size : test::uniform(path, 2, -size, size);
                weights[path] = at % 5 == 4 ? static_cast<std::uint32_t>(at) : PathWeights::largest;
                const Wide weight = weights[path];
                expected_none += weight * std::llrint(without[path] * scale);
                expected_gain += weight * (std::llrint(values[path] * scale) - std::llrint(without[path] * scale));
            }
            cpu::UnitsUnderNone units;
            EXPECT_TRUE(
                set.add_up(cpu::Against::nothing, without.data(), without.data(), weights.data(), count, none, units));
            const auto against = units.known ? cpu::Against::stored : cpu::Against::rounded;
            EXPECT_TRUE(set.add_up(against, values.data(), without.data(), weights.data(), count, action, units));
            EXPECT_TRUE(none.weighted == expected_none) << set.name << ' ' << count;
            EXPECT_TRUE(action.weighted == expected_gain) << set.name << ' ' << count;
        }
    }
}

TEST(PathWeights, ThatAreNoneAreRefused) {
    const SubscriptionColumns columns = test::mixed_customers(2);
    const auto refused = [&](auto change) {
        SimulationPlan plan = weighted_plan();
        plan.path_weights.assign(static_cast<std::size_t>(plan.settings.paths),
                                 1.0 / static_cast<double>(plan.settings.paths));
        change(plan);
        try {
            (void)run_on(*make_cpu_backend(1), columns, plan);
        } catch (const ConfigError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    EXPECT_EQ(refused([](SimulationPlan&) {}), "");
    EXPECT_NE(refused([](SimulationPlan& plan) { plan.path_weights.pop_back(); }).find("495 weights for 496 paths"),
              std::string::npos);
    EXPECT_NE(refused([](SimulationPlan& plan) { plan.path_weights[3] = -0.1; }).find("path 3 has the weight -0.1"),
              std::string::npos);
    EXPECT_NE(refused([](SimulationPlan& plan) { plan.path_weights[3] = std::nan(""); }).find("path 3"),
              std::string::npos);
    EXPECT_NE(refused([](SimulationPlan& plan) { plan.path_weights[0] += 0.01; }).find("divide them by it"),
              std::string::npos);
    EXPECT_NE(refused([](SimulationPlan& plan) { plan.settings.target.emplace(); }).find("target_se"),
              std::string::npos);
}

}  // namespace
}  // namespace clv
