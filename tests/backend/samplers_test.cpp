// Stratified and Sobol paths: the figures are those of plain sampling and of the closed form, the errors say how far
// off they are, and customers stay independent of each other.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

#include "clv/risk/replicate_errors.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/closed_form.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

using test::mixed_customers;
using test::plain_customers;
using test::uniform;

SimulationResult simulate_sampled(const SubscriptionColumns& columns, const SimulationPlan& plan) {
    NoProgress progress;
    return make_cpu_backend(2)->run(columns, plan, progress);
}

SimulationPlan sampled_plan(Sampler sampler, std::int64_t paths, int horizon_months) {
    SimulationPlan plan;
    plan.settings.paths = paths;
    plan.settings.horizon_months = horizon_months;
    plan.settings.seed = 20'26;
    plan.settings.sampler = sampler;
    return plan;
}

/// Variance of Student's t with 15 degrees of freedom; of a normal for plain sampling.
double expected_square(Sampler sampler) {
    return sampler == Sampler::philox ? 1.0 : 15.0 / 13.0;
}

/// Mean of ((estimate - truth) / se)^2.
double mean_square(const std::vector<double>& estimate, const std::vector<double>& se,
                   const std::function<double(std::size_t)>& truth) {
    double squares = 0.0;
    for (std::size_t i = 0; i < estimate.size(); ++i) {
        const double z = (estimate[i] - truth(i)) / se[i];
        squares += z * z;
    }
    return squares / static_cast<double>(estimate.size());
}

class SamplerTest : public ::testing::TestWithParam<Sampler> {};

TEST_P(SamplerTest, MeansAndGainsMeetTheClosedFormWithHonestErrors) {
    const std::size_t count = 1'500;
    SubscriptionColumns columns = mixed_customers(count);
    SimulationPlan plan = sampled_plan(GetParam(), 1'600, 24);
    Action offer;
    offer.name = "offer";
    offer.cost = 1.0;
    offer.acceptance = 0.7;
    offer.hazard_multiplier = {0.6, 0.0, 0.2};
    offer.revenue_multiplier = {1.1, 0.0, 0.0};
    offer.duration_months = 12;
    plan.actions = {offer};
    const SimulationResult result = simulate_sampled(columns, plan);
    const auto mean = [&](std::size_t i) { return expected_value(columns, i, plan.settings).clv; };
    const auto gain = [&](std::size_t i) { return expected_value(columns, i, plan.settings, &offer).clv - mean(i); };
    const double bound = 4.0 * std::sqrt(2.0 / static_cast<double>(count));
    const ClvFigures& none = result.actions[0];
    EXPECT_NEAR(mean_square(none.mean, none.se, mean), expected_square(GetParam()), bound);
    const UpliftFigures& uplift = result.uplift[0];
    EXPECT_NEAR(mean_square(uplift.expected_profit, uplift.expected_profit_se, gain), expected_square(GetParam()),
                bound);

    // planted: the errors of independent paths, and a mean that is off by half an error of plain sampling
    std::vector<double> plain_se(count);
    for (std::size_t i = 0; i < count; ++i) {
        plain_se[i] = none.sd[i] / std::sqrt(1'600.0);
    }
    const auto wrong = [&](std::size_t i) { return mean(i) + 0.5 * plain_se[i]; };
    EXPECT_GT(mean_square(none.mean, none.se, wrong), expected_square(GetParam()) + bound);
    if (GetParam() != Sampler::philox) {
        EXPECT_LT(mean_square(none.mean, plain_se, mean), 0.5);
    }
}

/// Churn so slow that the quantiles lie where months overlap, and values have a density.
SubscriptionColumns slow_customers(std::size_t count) {
    SubscriptionColumns columns = plain_customers(count);
    for (std::size_t i = 0; i < count; ++i) {
        columns.revenue_volatility[i] = uniform(i, 30, 0.3, 0.6);
        columns.retention_cost[i] = uniform(i, 31, 0.0, 20.0);
        columns.hazards.customers[i] = {0, 0, static_cast<float>(uniform(i, 32, 0.003, 0.006))};
    }
    return columns;
}

TEST_P(SamplerTest, QuantilesAndCvarAreThoseOfManyPlainPaths) {
    const SubscriptionColumns columns = slow_customers(100);
    SimulationPlan plan = sampled_plan(GetParam(), 2'000, 24);
    plan.market = {0.15, 0.3};
    plan.settings.cvar_level = 0.04;
    const SimulationResult result = simulate_sampled(columns, plan);
    SimulationPlan plain = plan;
    plain.settings.sampler = Sampler::philox;
    plain.settings.paths = 64'000;
    plain.settings.seed = 99;
    const SimulationResult reference = simulate_sampled(columns, plain);
    double worst = 0.0;
    double worst_of_planted = 0.0;
    const auto compare = [&](double a, double a_se, double b, double b_se, double sd) {
        const double se = std::hypot(a_se, b_se);
        worst = std::max(worst, std::abs(a - b) / se);
        worst_of_planted = std::max(worst_of_planted, std::abs(a + 0.1 * sd - b) / se);
    };
    const ClvFigures& a = result.actions[0];
    const ClvFigures& b = reference.actions[0];
    for (std::size_t i = 0; i < columns.size(); ++i) {
        compare(a.mean[i], a.se[i], b.mean[i], b.se[i], b.sd[i]);
        compare(a.cvar[i], a.cvar_se[i], b.cvar[i], b.cvar_se[i], b.sd[i]);
        for (std::size_t level = 0; level < a.quantiles.size(); ++level) {
            compare(a.quantiles[level][i], a.quantile_se[level][i], b.quantiles[level][i], b.quantile_se[level][i],
                    b.sd[i]);
        }
    }
    // 700 figures; errors of replicates have 15 degrees of freedom, of which one in 3,000 is beyond 4.7
    const double bound = GetParam() == Sampler::philox ? 4.0 : 4.7;
    EXPECT_LT(worst, bound);
    EXPECT_GT(worst_of_planted, bound);
}

/// Over seeds: the variance that is reported for mean, quantiles and CVaR, and the one that is seen.
TEST_P(SamplerTest, ReportedVariancesAreThoseSeenOverSeeds) {
    constexpr int seeds = 150;
    const SubscriptionColumns columns = slow_customers(40);
    SimulationPlan plan = sampled_plan(GetParam(), 1'600, 24);
    plan.market = {0.15, 0.3};
    const std::size_t figures = 3;
    std::vector<std::vector<double>> sum(figures, std::vector<double>(columns.size()));
    auto squares = sum;
    auto reported = sum;
    for (int seed = 1; seed <= seeds; ++seed) {
        plan.settings.seed = static_cast<std::uint64_t>(seed);
        const SimulationResult result = simulate_sampled(columns, plan);
        const ClvFigures& clv = result.actions[0];
        const std::vector<double>* values[] = {&clv.mean, &clv.quantiles[0], &clv.cvar};
        const std::vector<double>* errors[] = {&clv.se, &clv.quantile_se[0], &clv.cvar_se};
        for (std::size_t figure = 0; figure < figures; ++figure) {
            for (std::size_t i = 0; i < columns.size(); ++i) {
                const double value = (*values[figure])[i];
                const double error = (*errors[figure])[i];
                sum[figure][i] += value;
                squares[figure][i] += value * value;
                reported[figure][i] += error * error / seeds;
            }
        }
    }
    for (std::size_t figure = 0; figure < figures; ++figure) {
        double ratio = 0.0;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const double seen = (squares[figure][i] - sum[figure][i] * sum[figure][i] / seeds) / (seeds - 1);
            ratio += reported[figure][i] / seen / static_cast<double>(columns.size());
        }
        // Customers share markets, so 4 standard errors of the mean ratio lie between 4 sqrt(2/150/40) and 0.46.
        // Quantiles of a replicate have fewer values than those of all paths, and err on the side of caution.
        EXPECT_GT(ratio, 0.8) << figure;
        EXPECT_LT(ratio, 1.5) << figure;
    }
}

double variance_over_paths(const PathTotals& totals) {
    const std::vector<std::int64_t>& units = totals.values;
    const double sd = mean_and_spread(units, totals.unit).sd;
    return sd * sd;
}

/// Customers in one segment, and nothing that they share.
SubscriptionColumns independent_customers(std::size_t count) {
    SubscriptionColumns columns = mixed_customers(count);
    columns.segments.clear();
    columns.segment.clear();
    return columns;
}

double sum_of_variances(const ClvFigures& clv) {
    double sum = 0.0;
    for (const double sd : clv.sd) {
        sum += sd * sd;
    }
    return sum;
}

TEST_P(SamplerTest, APortfolioOfIndependentCustomersHasTheSumOfTheirVariances) {
    for (const std::int64_t paths : {2'000, 4'096}) {
        SubscriptionColumns columns = independent_customers(2'000);
        const SimulationPlan plan = sampled_plan(GetParam(), paths, 24);
        const SimulationResult result = simulate_sampled(columns, plan);
        const double bound = 4.0 * std::sqrt(2.0 / static_cast<double>(paths - 1));
        const double expected = sum_of_variances(result.actions[0]);
        EXPECT_NEAR(variance_over_paths(result.totals) / expected, 1.0, bound) << paths;

        // planted: customers with the random numbers of others
        for (std::size_t i = 0; i < columns.size(); ++i) {
            columns.id_hash[i] = columns.id_hash[i / 4 * 4];
        }
        const SimulationResult shared = simulate_sampled(columns, plan);
        EXPECT_GT(variance_over_paths(shared.totals) / expected, 1.0 + bound) << paths;
    }
}

TEST_P(SamplerTest, ErrorsOfPortfolioMeansAreHonest) {
    constexpr int seeds = 250;
    const SubscriptionColumns columns = independent_customers(50);
    SimulationPlan plan = sampled_plan(GetParam(), 480, 18);
    plan.market = {0.3, 0.0};  // moves no mean
    double truth = 0.0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        truth += expected_value(columns, i, plan.settings).clv;
    }
    double squares = 0.0;
    for (int seed = 1; seed <= seeds; ++seed) {
        plan.settings.seed = static_cast<std::uint64_t>(seed);
        const PathTotals totals = simulate_sampled(columns, plan).totals;
        const MeanAndSpread moments = mean_and_spread(totals.values, totals.unit);
        const double se = GetParam() == Sampler::philox ? moments.se : replicate_mean_error(totals.values, totals.unit);
        squares += (moments.mean - truth) * (moments.mean - truth) / (se * se) / seeds;
    }
    EXPECT_NEAR(squares, expected_square(GetParam()), 4.0 * std::sqrt(2.0 / seeds));
}

INSTANTIATE_TEST_SUITE_P(Samplers, SamplerTest,
                         ::testing::Values(Sampler::philox, Sampler::stratified, Sampler::sobol));

TEST(Samplers, OtherThanPhiloxAreMorePrecise) {
    const SubscriptionColumns columns = independent_customers(200);
    double variance[3] = {};
    for (const Sampler sampler : {Sampler::philox, Sampler::stratified, Sampler::sobol}) {
        SimulationPlan plan = sampled_plan(sampler, 2'048, 24);
        plan.market = {0.1, 0.25};
        const SimulationResult result = simulate_sampled(columns, plan);
        for (const double se : result.actions[0].se) {
            variance[static_cast<int>(sampler)] += se * se;
        }
    }
    EXPECT_LT(variance[1], variance[0] / 5.0);
    EXPECT_LT(variance[2], variance[1]);
}

}  // namespace
}  // namespace clv
