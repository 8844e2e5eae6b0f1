// Distributions of what actions gain, path by path: worlds whose truth is enumerated, the paths themselves one customer
// at a time, paybacks from runs of every shorter horizon, and the same bits wherever they are made.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/simulation/backend.hpp"
#include "support/cpu_run.hpp"
#include "support/digest.hpp"
#include "support/instruction_sets.hpp"
#include "support/retail_world.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

using test::run;

/// Three months of 100 each; who has the action stays for certain. The gain is 200 less the cost for those who would
/// have churned in the first month (they have paid it), 100 less the cost for those of the second, else the cost alone.
struct Enumerated {
    double churn;
    double cost;

    [[nodiscard]] double probability(int gained_months) const {
        return gained_months == 2 ? churn : gained_months == 1 ? churn * (1.0 - churn) : (1.0 - churn) * (1.0 - churn);
    }
    [[nodiscard]] double expected_gain() const { return 200.0 * probability(2) + 100.0 * probability(1) - cost; }
    [[nodiscard]] double prob_gain() const { return probability(2) + probability(1); }
    /// Mean of the worst `level`, beyond the share that gains nothing and within that of one month.
    [[nodiscard]] double cvar(double level) const { return 100.0 * (level - probability(0)) / level - cost; }
};

SimulationPlan enumerated_plan(const Enumerated& world, std::int64_t paths) {
    SimulationPlan plan;
    plan.settings.paths = paths;
    plan.settings.horizon_months = 3;
    plan.settings.discount_rate.value = 0.0;
    plan.settings.cvar_level = 0.6;
    plan.settings.quantiles = {0.05, 0.48, 0.5, 0.69, 0.71, 0.95};
    plan.settings.uplift_distribution = true;
    Action keep;
    keep.name = "keep";
    keep.cost = world.cost;
    keep.hazard_multiplier.median = 0.0;
    plan.actions = {keep};
    return plan;
}

TEST(UpliftDistribution, IsTheEnumeratedOneAtAMillionPaths) {
    constexpr double paths = 1e6;
    const Enumerated world{0.3, 10.0};
    SubscriptionColumns columns = test::plain_customers(1);
    test::set_constant_churn(columns, world.churn);
    const SimulationPlan plan = enumerated_plan(world, static_cast<std::int64_t>(paths));
    const UpliftFigures uplift = run(columns, plan).uplift[0];
    const std::vector<double> quantiles{-10, -10, 90, 90, 190, 190};  // P(none) = 0.49, P(at most one) = 0.7
    for (std::size_t level = 0; level < quantiles.size(); ++level) {
        EXPECT_NEAR(uplift.profit_quantiles[level][0], quantiles[level], 1e-8);
    }
    const auto z_of_gain = [&](const Enumerated& truth) {
        const double p = truth.prob_gain();
        return (uplift.prob_gain[0] - p) / std::sqrt(p * (1.0 - p) / paths);
    };
    const auto z_of_cvar = [&](const Enumerated& truth) {
        const double p = truth.probability(0);  // CVaR moves with this share alone
        return (uplift.profit_cvar[0] - truth.cvar(0.6)) / (100.0 / 0.6 * std::sqrt(p * (1.0 - p) / paths));
    };
    EXPECT_LT(std::abs(z_of_gain(world)), 4.0);
    EXPECT_LT(std::abs(z_of_cvar(world)), 4.0);
    EXPECT_NEAR(uplift.expected_profit[0], world.expected_gain(), 4.0 * uplift.expected_profit_se[0]);
    const Enumerated another{0.302, 10.0};  // the planted error
    EXPECT_GT(std::abs(z_of_gain(another)), 4.0);
    EXPECT_GT(std::abs(z_of_cvar(another)), 4.0);
}

TEST(UpliftDistribution, PaysBackInTheMonthThatIsDue) {
    SubscriptionColumns columns = test::plain_customers(1);
    test::set_constant_churn(columns, 0.3);
    // what the second month adds is 30, the third 51
    const std::vector<std::pair<double, double>> payback_of_cost{{0.0, 1.0}, {10.0, 2.0}, {50.0, 3.0}};
    for (const auto& [cost, payback] : payback_of_cost) {
        EXPECT_EQ(run(columns, enumerated_plan({0.3, cost}, 20'000)).uplift[0].payback_months[0], payback);
    }
    EXPECT_TRUE(std::isnan(run(columns, enumerated_plan({0.3, 100.0}, 20'000)).uplift[0].payback_months[0]));
    // paid back and lost again: a price cut from the third month on cannot be had, so a cost in every month is
    SimulationPlan plan = enumerated_plan({0.3, 0.0}, 20'000);
    plan.actions[0].monthly_cost = 5.0;
    EXPECT_EQ(run(columns, plan).uplift[0].payback_months[0], 2.0);
    plan.actions[0].monthly_cost = 15.5;  // -15.5, -1, 34.5 so far
    EXPECT_EQ(run(columns, plan).uplift[0].payback_months[0], 3.0);
}

SimulationPlan subscription_plan() {
    SimulationPlan plan;
    plan.settings.paths = 320;
    plan.settings.horizon_months = 14;
    plan.settings.seed = 5;
    plan.settings.uplift_distribution = true;
    plan.market = {0.2, 0.3};
    Action discount;
    discount.name = "discount";
    discount.price_multiplier = {0.95, 0.05, 0.02};
    discount.revenue_multiplier = {1.08, 0.0, 0.0};
    discount.hazard_multiplier.median = 0.6;
    discount.acceptance = 0.8;
    discount.duration_months = 5;
    Action call;
    call.name = "call";
    call.cost = 3.0;
    call.cost_if_accepted = 1.0;
    call.monthly_cost = 0.5;
    call.hazard_multiplier = {0.4, 0.2, 0.3};
    call.acceptance = 0.3;
    call.duration_months = 9;
    Action upgrade;
    upgrade.name = "upgrade";
    upgrade.cost = 20.0;
    upgrade.price_multiplier.median = 1.15;
    upgrade.hazard_multiplier.median = 1.2;
    plan.actions = {discount, call, upgrade};
    return plan;
}

SimulationPlan uplift_retail_plan() {
    SimulationPlan plan = test::retail_plan();
    plan.settings.cashflow = false;
    plan.settings.uplift_distribution = true;
    return plan;
}

SubscriptionColumns only(const SubscriptionColumns& all, std::size_t customer) {
    SubscriptionColumns one = all;
    for (Column* column : {&one.monthly_revenue, &one.margin, &one.retention_cost, &one.acquisition_cost,
                           &one.revenue_growth, &one.revenue_volatility, &one.market_beta}) {
        column->assign(1, (*column)[customer]);
    }
    one.id_hash = {all.id_hash[customer]};
    one.hazards.customers = {all.hazards.customers[customer]};
    one.segment.clear();
    one.segments.clear();
    return one;
}

RetailColumns only(const RetailColumns& all, std::size_t customer) {
    RetailColumns one = all;
    for (std::vector<double>* column : {&one.age, &one.frequency, &one.recency, &one.monetary_value}) {
        *column = {(*column)[customer]};
    }
    one.margin.assign(1, one.margin[customer]);
    one.id_hash = {all.id_hash[customer]};
    one.segment.clear();
    one.segments.clear();
    return one;
}

/// The gains of one customer are the totals of a run of the action alone.
template <class Columns>
void expect_distribution_of_paths(const Columns& one, const SimulationPlan& plan) {
    const SimulationResult result = run(one, plan);
    for (std::size_t a = 1; a <= plan.actions.size(); ++a) {
        SimulationPlan assigned = plan;
        assigned.assignment = {static_cast<std::uint8_t>(a)};
        const PathTotals totals = run(one, assigned).totals;
        std::vector<double> gains;
        for (const std::int64_t units : totals.values) {
            gains.push_back(static_cast<double>(units) * totals.unit);
        }
        std::ranges::sort(gains);
        const UpliftFigures& uplift = result.uplift[a - 1];
        const auto paths = static_cast<double>(gains.size());
        constexpr double tolerance = 1e-8;  // units of customers and of totals differ
        for (std::size_t level = 0; level < plan.settings.quantiles.size(); ++level) {
            const double rank = std::ceil(paths * plan.settings.quantiles[level] - 1e-9);
            EXPECT_NEAR(uplift.profit_quantiles[level][0], gains[static_cast<std::size_t>(rank) - 1], tolerance);
        }
        const double tail = paths * plan.settings.cvar_level;
        const auto whole = static_cast<std::size_t>(std::floor(tail + 1e-9));
        const double sum = std::accumulate(gains.begin(), gains.begin() + static_cast<std::ptrdiff_t>(whole),
                                           std::max(0.0, tail - static_cast<double>(whole)) * gains[whole]);
        EXPECT_NEAR(uplift.profit_cvar[0], sum / tail, tolerance);
        const auto above = std::ranges::count_if(gains, [&](double gain) { return gain > tolerance; });
        EXPECT_EQ(uplift.prob_gain[0], static_cast<double>(above) / paths);
    }
}

TEST(UpliftDistribution, IsThatOfThePathsOfACustomer) {
    const SubscriptionColumns columns = test::mixed_customers(10);
    for (std::size_t customer = 0; customer < columns.size(); ++customer) {
        SCOPED_TRACE(customer);
        SimulationPlan plan = subscription_plan();
        if (customer % 2 == 0) {
            plan.market = {};  // chunks are then put in the order of lifetimes
        }
        for (const Sampler sampler : {Sampler::philox, Sampler::stratified, Sampler::sobol}) {
            plan.settings.sampler = sampler;
            expect_distribution_of_paths(only(columns, customer), plan);
        }
    }
}

TEST(UpliftDistribution, IsThatOfThePathsOfABuyer) {
    for (const test::FittedLaw& law : test::fitted_laws) {
        SCOPED_TRACE(law.name);
        const RetailColumns columns = test::mixed_buyers(law, 4);
        for (std::size_t customer = 0; customer < columns.size(); ++customer) {
            expect_distribution_of_paths(only(columns, customer), uplift_retail_plan());
        }
    }
}

/// What an action has added by a month is what it adds to a run that ends there.
template <class Columns>
void expect_payback_of_shorter_runs(const Columns& columns, const SimulationPlan& plan) {
    const SimulationResult result = run(columns, plan);
    std::vector<std::vector<double>> so_far(plan.actions.size() * columns.size());
    for (int horizon = 1; horizon <= plan.settings.horizon_months; ++horizon) {
        SimulationPlan shorter = plan;
        shorter.settings.horizon_months = horizon;
        shorter.settings.uplift_distribution = false;
        const SimulationResult until = run(columns, shorter);
        for (std::size_t a = 0; a < plan.actions.size(); ++a) {
            for (std::size_t i = 0; i < columns.size(); ++i) {
                so_far[a * columns.size() + i].push_back(until.uplift[a].expected_profit[i]);
            }
        }
    }
    std::size_t later_than_first = 0;
    for (std::size_t a = 0; a < plan.actions.size(); ++a) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::vector<double>& gains = so_far[a * columns.size() + i];
            double payback = std::nan("");
            for (std::size_t month = gains.size(); month > 0 && gains[month - 1] >= -1e-9; --month) {
                payback = static_cast<double>(month);
            }
            const double taken = result.uplift[a].payback_months[i];
            EXPECT_TRUE(taken == payback || (std::isnan(taken) && std::isnan(payback)))
                << "action " << a << ", customer " << i << ": " << taken << ", not " << payback;
            later_than_first += payback > 1.0 ? 1 : 0;
        }
    }
    EXPECT_GT(later_than_first, 0U);
}

TEST(UpliftDistribution, PaysBackAsRunsOfEveryHorizonDo) {
    SimulationPlan plan = subscription_plan();
    expect_payback_of_shorter_runs(test::mixed_customers(60), plan);
    plan.market = {};
    expect_payback_of_shorter_runs(test::mixed_customers(60), plan);
    for (Action& action : plan.actions) {
        action.monthly_cost_share = 0.04;
    }
    expect_payback_of_shorter_runs(test::mixed_customers(60), plan);
}

TEST(UpliftDistribution, PaysBackAsRunsOfBuyersOfEveryHorizonDo) {
    SimulationPlan plan = uplift_retail_plan();
    plan.settings.horizon_months = 8;
    plan.actions[1].monthly_cost = 0.02;
    plan.actions[0].duration_months = 3;
    for (const test::FittedLaw& law : test::fitted_laws) {
        SCOPED_TRACE(law.name);
        plan.actions[0].monthly_cost_share = plan.actions[1].monthly_cost_share = 0.0;
        expect_payback_of_shorter_runs(test::mixed_buyers(law, 21), plan);
        plan.actions[0].monthly_cost_share = plan.actions[1].monthly_cost_share = 0.05;
        expect_payback_of_shorter_runs(test::mixed_buyers(law, 21), plan);
    }
}

/// Rounding is no gain: what an action leaves as it is differs by nothing.
TEST(UpliftDistribution, OfAnActionWithoutEffectIsNothing) {
    SubscriptionColumns columns = test::mixed_customers(50);
    SimulationPlan plan = subscription_plan();
    Action nothing;
    nothing.name = "nothing";
    plan.actions = {nothing};
    const UpliftFigures uplift = run(columns, plan).uplift[0];
    EXPECT_EQ(uplift.prob_gain, std::vector<double>(50, 0.0));
    EXPECT_EQ(uplift.profit_cvar, std::vector<double>(50, 0.0));
    EXPECT_EQ(uplift.profit_quantiles[0], std::vector<double>(50, 0.0));
    EXPECT_EQ(uplift.payback_months, std::vector<double>(50, 1.0));
}

TEST(UpliftDistribution, LeavesEverythingElseAsItIs) {
    const SubscriptionColumns columns = test::mixed_customers(50);
    SimulationPlan plan = subscription_plan();
    plan.settings.target.emplace();
    plan.settings.target->se = 0.02;
    SimulationResult with = run(columns, plan);
    EXPECT_GT(*std::ranges::max_element(with.paths_used), 320U);
    plan.settings.uplift_distribution = false;
    const SimulationResult without = run(columns, plan);
    EXPECT_NE(test::digest(with), test::digest(without));
    for (UpliftFigures& uplift : with.uplift) {
        ASSERT_EQ(uplift.prob_gain.size(), columns.size());
        uplift.profit_quantiles.clear();
        uplift.profit_cvar.clear();
        uplift.prob_gain.clear();
        uplift.payback_months.clear();
    }
    EXPECT_EQ(test::digest(with), test::digest(without));
}

constexpr std::uint64_t pinned_subscription = 1649296895339334353ULL;
constexpr std::uint64_t pinned_retail = 8287371167681048289ULL;

class UpliftBits : public ::testing::TestWithParam<const char*> {};

TEST_P(UpliftBits, AreThePinnedOnes) {
    const test::CpuTarget target(GetParam());
    try {
        static_cast<void>(make_cpu_backend(1)->capabilities());
    } catch (const Error& error) {
        GTEST_SKIP() << error.what();
    }
    const CpuSettings small{.threads = 3, .customers_per_block = 3, .customers_per_batch = 7, .paths_per_check = 48};
    for (const CpuSettings& settings : {CpuSettings{.threads = 1}, small}) {
        EXPECT_EQ(test::digest(run(test::mixed_customers(60), subscription_plan(), settings)), pinned_subscription);
        EXPECT_EQ(test::digest(run(test::mixed_buyers(test::fitted_laws[2], 20), uplift_retail_plan(), settings)),
                  pinned_retail);
    }
}

INSTANTIATE_TEST_SUITE_P(Cpu, UpliftBits, ::testing::ValuesIn(test::instruction_sets),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace clv
