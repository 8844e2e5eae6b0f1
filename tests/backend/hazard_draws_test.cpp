// Hazards that were learned have several models, of which every path lives with one, the same for all customers: means
// are those of the mixture, errors hold what they promise, and nothing of how a run is executed shows.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/paths/take_customers.hpp"
#include "clv/risk/fixed_point.hpp"
#include "clv/risk/replicate_errors.hpp"
#include "clv/simulation/closed_form.hpp"
#include "support/cpu_run.hpp"
#include "support/digest.hpp"
#include "support/instruction_sets.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

using test::digest;
using test::mixed_customers;
using test::run;
using test::uniform;

constexpr Sampler samplers[] = {Sampler::philox, Sampler::stratified, Sampler::sobol};

/// A standard normal number of draw `draw` of set `set`.
double deviate(std::size_t set, std::size_t draw, std::uint32_t which) {
    const std::size_t at = set * 4'096 + draw;
    return std::sqrt(-2.0 * std::log(uniform(at, 200 + 2 * which, 0.0, 1.0))) *
           std::cos(2.0 * 3.141592653589793 * uniform(at, 201 + 2 * which, 0.0, 1.0));
}

/// Factors that move all customers together by some 40% and each by another 20%.
void set_draws(SubscriptionColumns& columns, std::size_t draws, std::size_t set = 0) {
    columns.hazard_draws = draws;
    columns.inverse_hazard_factor.clear();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        for (std::size_t draw = 0; draw < draws; ++draw) {
            const double log_factor =
                0.4 * deviate(set, draw, 0) + 0.2 * deviate(set, draw, 1 + static_cast<std::uint32_t>(i));
            columns.inverse_hazard_factor.push_back(static_cast<float>(std::exp(-log_factor)));
        }
    }
}

SubscriptionColumns customers_with_draws(std::size_t count, std::size_t draws, std::size_t set = 0) {
    SubscriptionColumns columns = mixed_customers(count);
    set_draws(columns, draws, set);
    return columns;
}

/// All draws are the same.
void set_factor(SubscriptionColumns& columns, float inverse) {
    columns.hazard_draws = 16;
    columns.inverse_hazard_factor.assign(16 * columns.size(), inverse);
}

SimulationPlan plan_with_draws(Sampler sampler, std::int64_t paths, int horizon_months = 24) {
    SimulationPlan plan;
    plan.settings.sampler = sampler;
    plan.settings.paths = paths;
    plan.settings.horizon_months = horizon_months;
    plan.settings.seed = 20'26;
    plan.settings.shared_draws = SharedDraws::few;
    return plan;
}

Action some_offer() {
    Action offer;
    offer.name = "offer";
    offer.cost = 1.0;
    offer.acceptance = 0.7;
    offer.hazard_multiplier = {0.6, 0.0, 0.0};
    offer.revenue_multiplier = {1.1, 0.0, 0.0};
    offer.duration_months = 12;
    return offer;
}

/// Mean of ((estimate - truth) / se)^2.
double mean_square_of(const std::vector<double>& estimate, const std::vector<double>& se,
                      const std::function<double(std::size_t)>& truth) {
    double squares = 0.0;
    for (std::size_t i = 0; i < estimate.size(); ++i) {
        squares += std::pow((estimate[i] - truth(i)) / se[i], 2);
    }
    return squares / static_cast<double>(estimate.size());
}

double worst_of(const std::vector<double>& estimate, const std::vector<double>& se,
                const std::function<double(std::size_t)>& truth) {
    double worst = 0.0;
    for (std::size_t i = 0; i < estimate.size(); ++i) {
        worst = std::max(worst, std::abs(estimate[i] - truth(i)) / se[i]);
    }
    return worst;
}

class HazardDrawsTest : public ::testing::TestWithParam<Sampler> {};

TEST_P(HazardDrawsTest, MeansAndGainsAreThoseOfTheMixture) {
    const std::size_t count = 200;
    const SubscriptionColumns columns = customers_with_draws(count, 32);
    SimulationPlan plan = plan_with_draws(GetParam(), 4'800);
    plan.actions = {some_offer()};
    const SimulationResult result = run(columns, plan);
    const auto mean = [&](std::size_t i) { return expected_value(columns, i, plan.settings).clv; };
    const auto gain = [&](std::size_t i) {
        return expected_value(columns, i, plan.settings, &plan.actions[0]).clv - mean(i);
    };
    const ClvFigures& none = result.actions[0];
    const UpliftFigures& uplift = result.uplift[0];
    EXPECT_LT(worst_of(none.mean, none.se, mean), 4.7);  // 15 degrees of freedom: one in 3,000 is beyond
    EXPECT_LT(worst_of(uplift.expected_profit, uplift.expected_profit_se, gain), 4.7);
    // Draws are shared out evenly: beside the mixture of these very draws, means err no more than independent paths do.
    std::vector<double> of_paths(count);
    for (std::size_t i = 0; i < count; ++i) {
        of_paths[i] = none.sd[i] / std::sqrt(4'800.0);
    }
    const double bound = 1.0 + 4.0 * std::sqrt(2.0 / static_cast<double>(count));
    EXPECT_LT(mean_square_of(none.mean, of_paths, mean), bound);

    SubscriptionColumns known = columns;  // planted: the mean of all draws instead of their mixture
    for (std::size_t i = 0; i < count; ++i) {
        double factor = 0.0;
        for (std::size_t draw = 0; draw < 32; ++draw) {
            factor += 1.0 / double{columns.inverse_hazard_factor[i * 32 + draw]} / 32.0;
        }
        std::fill_n(known.inverse_hazard_factor.begin() + static_cast<std::ptrdiff_t>(i) * 32, 32,
                    static_cast<float>(1.0 / factor));
    }
    const auto of_mean = [&](std::size_t i) { return expected_value(known, i, plan.settings).clv; };
    EXPECT_GT(mean_square_of(none.mean, of_paths, of_mean), bound);
}

/// Reported and seen variances of one mean over seeds.
struct Variances {
    double sum = 0.0;
    double squares = 0.0;
    double reported = 0.0;
    double seeds = 0.0;

    void add(double mean, double se) {
        sum += mean;
        squares += mean * mean;
        reported += se * se;
        seeds += 1.0;
    }
    [[nodiscard]] double ratio() const { return reported / seeds / ((squares - sum * sum / seeds) / (seeds - 1.0)); }
};

/// Over 60 seeds: the error that is reported, over the one that is seen.
struct ErrorRatios {
    double portfolio;
    double without_replicates;  ///< of the portfolio, as if paths were independent
    double customers;           ///< the root of the mean over customers
};

ErrorRatios errors_over_seeds(Sampler sampler, bool are_drawn_anew) {
    SubscriptionColumns columns = customers_with_draws(40, 32);
    columns.segment.clear();
    columns.segments.clear();
    SimulationPlan plan = plan_with_draws(sampler, 480, 18);
    Variances portfolio;
    Variances plain;
    std::vector<Variances> customers(columns.size());
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        if (are_drawn_anew) {
            set_draws(columns, 32, seed);
        }
        plan.settings.seed = seed;
        const SimulationResult result = run(columns, plan);
        const PathTotals& totals = result.totals;
        const MeanAndSpread moments = mean_and_spread(totals.values, totals.unit);
        portfolio.add(moments.mean, replicate_mean_error(totals.values, totals.unit));
        plain.add(moments.mean, moments.se);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            customers[i].add(result.actions[0].mean[i], result.actions[0].se[i]);
        }
    }
    double of_customers = 0.0;
    for (const Variances& one : customers) {
        of_customers += one.ratio() / static_cast<double>(columns.size());
    }
    return {std::sqrt(portfolio.ratio()), std::sqrt(plain.ratio()), std::sqrt(of_customers)};
}

TEST_P(HazardDrawsTest, ErrorsHoldWhatTheyPromise) {
    // Another seed resamples anew, and has other models.
    const ErrorRatios anew = errors_over_seeds(GetParam(), true);
    EXPECT_GT(anew.portfolio, 0.75);
    EXPECT_LT(anew.portfolio, 1.33);
    EXPECT_GT(anew.customers, 0.75);
    EXPECT_LT(anew.customers, 1.33);
    EXPECT_LT(anew.without_replicates, 0.75) << "planted: as if paths did not share draws";
    // With the same models again, means differ by their paths alone: errors are wider than that.
    EXPECT_GT(errors_over_seeds(GetParam(), false).portfolio, 1.33);
}

TEST_P(HazardDrawsTest, ThePortfoliosBandIsAsWideAsTheDrawsMakeIt) {
    const std::size_t count = 200;
    const SubscriptionColumns columns = customers_with_draws(count, 32);
    const SimulationPlan plan = plan_with_draws(GetParam(), 3'200);
    const auto spread_of = [&](const SubscriptionColumns& of) {
        const PathTotals totals = run(of, plan).totals;
        std::vector<std::int64_t> portfolio(3'200, 0);
        for (std::size_t at = 0; at < totals.values.size(); ++at) {
            portfolio[at % 3'200] += totals.values[at];
        }
        return mean_and_spread(portfolio, totals.unit).sd;
    };
    SubscriptionColumns known = columns;
    known.hazard_draws = 0;
    known.inverse_hazard_factor.clear();
    // Between draws: the exact means of the portfolio under each.
    std::vector<double> mean(32, 0.0);
    for (std::size_t draw = 0; draw < 32; ++draw) {
        SubscriptionColumns one = columns;
        for (std::size_t i = 0; i < count; ++i) {
            std::fill_n(one.inverse_hazard_factor.begin() + static_cast<std::ptrdiff_t>(i) * 32, 32,
                        columns.inverse_hazard_factor[i * 32 + draw]);
        }
        for (std::size_t i = 0; i < count; ++i) {
            mean[draw] += expected_value(one, i, plan.settings).clv;
        }
    }
    double all = 0.0;
    double between = 0.0;
    for (const double one : mean) {
        all += one / 32.0;
    }
    for (const double one : mean) {
        between += (one - all) * (one - all) / 32.0;
    }
    const double within = spread_of(known);
    EXPECT_GT(between, 4.0 * within * within) << "or the test says little";
    // sd^2 has a relative error of at most sqrt(2 / paths) or so; the spread within is about that of known hazards
    const double expected = std::sqrt(between + within * within);
    EXPECT_NEAR(spread_of(columns) / expected, 1.0, 4.0 * std::sqrt(0.5 / 3'200.0) + 0.02);
    EXPECT_GT(spread_of(columns), 2.0 * within);
}

TEST_P(HazardDrawsTest, AnUncertainActionActsOnEveryDraw) {
    const SubscriptionColumns columns = customers_with_draws(12, 16);
    SimulationPlan plan = plan_with_draws(GetParam(), 9'600);
    plan.actions = {some_offer()};
    plan.actions[0].hazard_multiplier = {0.6, 0.2, 0.3};
    const UpliftFigures uplift = run(columns, plan).uplift[0];
    EXPECT_LT(worst_of(uplift.expected_profit, uplift.expected_profit_se,
                       [&](std::size_t i) {
                           return expected_value(columns, i, plan.settings, &plan.actions[0]).clv -
                                  expected_value(columns, i, plan.settings).clv;
                       }),
              4.7);
}

TEST_P(HazardDrawsTest, FreshPathsHaveTheSameMixture) {
    const SubscriptionColumns columns = customers_with_draws(100, 32);
    SimulationPlan plan = plan_with_draws(GetParam(), 1'600);
    const SimulationResult first = run(columns, plan);
    plan.first_path = 1'600;
    const SimulationResult fresh = run(columns, plan);
    EXPECT_NE(fresh.actions[0].mean, first.actions[0].mean);
    EXPECT_LT(worst_of(fresh.actions[0].mean, fresh.actions[0].se,
                       [&](std::size_t i) { return expected_value(columns, i, plan.settings).clv; }),
              4.7);
}

TEST_P(HazardDrawsTest, AFactorIsSoManyTimesTheHazard) {
    // Factors of two have no rounding: not a bit differs.
    SimulationPlan plan = plan_with_draws(GetParam(), 480);
    plan.market = {0.1, 0.3};
    SubscriptionColumns columns = mixed_customers(80);
    const std::uint64_t plain = digest(run(columns, plan));
    set_factor(columns, 1.0F);
    EXPECT_EQ(digest(run(columns, plan)), plain) << "a factor of one";
    set_factor(columns, 2.0F);
    EXPECT_NE(digest(run(columns, plan)), plain);
    SubscriptionColumns halved = mixed_customers(80);
    for (auto& reference : halved.hazards.customers) {
        reference.tail *= 0.5F;
    }
    for (float& hazard : halved.hazards.pool) {
        hazard *= 0.5F;
    }
    EXPECT_EQ(digest(run(columns, plan)), digest(run(halved, plan)));
    // Of a profit, all but what is known of its error beforehand.
    plan.actions = {some_offer()};
    const SimulationResult by_factor = run(columns, plan);
    const SimulationResult by_hazard = run(halved, plan);
    EXPECT_EQ(by_factor.uplift[0].expected_profit, by_hazard.uplift[0].expected_profit);
    EXPECT_EQ(by_factor.uplift[0].added_months, by_hazard.uplift[0].added_months);
    EXPECT_EQ(by_factor.actions[1].quantiles, by_hazard.actions[1].quantiles);
}

std::vector<double> currency_of(const PathTotals& totals) {
    std::vector<double> values;
    for (const std::int64_t units : totals.values) {
        values.push_back(static_cast<double>(units) * totals.unit);
    }
    return values;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
    EXPECT_EQ(a.size(), b.size());
    double largest = 0.0;
    for (std::size_t at = 0; at < a.size(); ++at) {
        largest = std::max(largest, std::abs(a[at] - b[at]));
    }
    return largest;
}

TEST_P(HazardDrawsTest, ScenariosLiveWithTheSameDraws) {
    SubscriptionColumns columns = customers_with_draws(60, 32);
    SimulationPlan plan = plan_with_draws(GetParam(), 480);
    plan.market = {0.1, 0.0};
    const std::vector<double> alone = currency_of(run(columns, plan).totals);
    Scenario half;
    half.name = "half";
    half.hazard_multiplier = 0.5;
    plan.scenarios = {half};
    const SimulationResult with_scenario = run(columns, plan);
    EXPECT_LT(largest_difference(currency_of(with_scenario.totals), alone), 1e-6);
    for (float& inverse : columns.inverse_hazard_factor) {
        inverse *= 2.0F;
    }
    plan.scenarios.clear();
    ASSERT_EQ(with_scenario.scenarios.size(), 1U);
    const std::vector<double> halved = currency_of(with_scenario.scenarios[0]);
    EXPECT_LT(largest_difference(halved, currency_of(run(columns, plan).totals)), 1e-6);
    EXPECT_GT(largest_difference(halved, alone), 1.0);
}

TEST_P(HazardDrawsTest, APlanIsTheDifferenceOfTheSamePaths) {
    const SubscriptionColumns columns = customers_with_draws(60, 32);
    SimulationPlan plan = plan_with_draws(GetParam(), 480);
    plan.actions = {some_offer()};
    const SimulationResult all = run(columns, plan);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        plan.assignment.push_back(i % 2);
    }
    const SimulationResult chosen = run(columns, plan);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        EXPECT_EQ(chosen.uplift[0].expected_profit[i], i % 2 == 0 ? 0.0 : all.uplift[0].expected_profit[i]);
    }
}

INSTANTIATE_TEST_SUITE_P(Samplers, HazardDrawsTest, ::testing::ValuesIn(samplers), [](const auto& info) {
    return std::string(info.param == Sampler::philox       ? "Philox"
                       : info.param == Sampler::stratified ? "Stratified"
                                                           : "Sobol");
});

TEST(HazardDraws, APathHasADrawOfItsReplicate) {
    // All customers leave at once, but under one draw of 48, with which they stay: paths tell which one they have.
    constexpr std::size_t draws = 48;
    constexpr std::size_t staying = 21;
    SubscriptionColumns columns = test::plain_customers(3);
    test::set_constant_churn(columns, 0.5);
    columns.hazard_draws = draws;
    for (std::size_t at = 0; at < 3 * draws; ++at) {
        columns.inverse_hazard_factor.push_back(at % draws == staying ? 1e6F : 1e-6F);
    }
    SimulationPlan plan = plan_with_draws(Sampler::philox, 9'600, 60);
    const auto paths_that_stay = [&] {
        std::vector<std::size_t> paths;
        const PathTotals totals = run(columns, plan).totals;
        for (std::size_t path = 0; path < 9'600; ++path) {
            const double months = static_cast<double>(totals.values[path]) * totals.unit / 300.0;
            EXPECT_TRUE(months > 40.0 || months < 1.0) << "all customers have the same draw";
            if (months > 40.0) {
                EXPECT_EQ(path % 16, staying % 16);
                paths.push_back(path);
            }
        }
        return paths;
    };
    const std::vector<std::size_t> first = paths_that_stay();
    EXPECT_NEAR(static_cast<double>(first.size()), 200.0, 4.0 * std::sqrt(200.0 * 2.0 / 3.0))
        << "a third of a replicate";
    plan.first_path = 9'600;
    EXPECT_NE(paths_that_stay(), first) << "fresh paths have draws of their own";
}

/// With every branch of the path law: curves, volatilities, actions, cash flow; and one without a market or cash flow,
/// where paths are put in order by lifetime.
std::uint64_t bits_of(Sampler sampler, const CpuSettings& settings) {
    const SubscriptionColumns columns = customers_with_draws(90, 32);
    SimulationPlan plan = plan_with_draws(sampler, sampler == Sampler::philox ? 500 : 496, 30);
    plan.actions = {some_offer()};
    const std::uint64_t plain = digest(run(columns, plan, settings));
    plan.market = {0.15, 0.3};
    plan.settings.cashflow = true;
    return plain ^ (digest(run(columns, plan, settings)) << 1);
}

TEST(HazardDraws, GiveTheSameBitsHoweverARunIsExecuted) {
    for (const Sampler sampler : samplers) {
        const std::uint64_t expected = bits_of(sampler, {.threads = 1});
        for (const int threads : {2, 7}) {
            EXPECT_EQ(bits_of(sampler, {.threads = threads}), expected) << threads;
        }
        EXPECT_EQ(bits_of(sampler, {.threads = 2, .customers_per_block = 7, .paths_per_check = 48}), expected);
        EXPECT_EQ(bits_of(sampler, {.threads = 2, .customers_per_batch = 16, .paths_per_check = 100}), expected);
        int sets = 0;
        for (const char* target : test::instruction_sets) {
            const test::CpuTarget only(target);
            try {
                EXPECT_EQ(bits_of(sampler, {.threads = 2}), expected) << target;
                ++sets;
            } catch (const BackendError&) {  // not on this processor
            }
        }
        EXPECT_GE(sets, 1);
    }
}

TEST(HazardDraws, ACustomerDoesNotDependOnTheOthers) {
    const SubscriptionColumns columns = customers_with_draws(90, 32);
    const SimulationPlan plan = plan_with_draws(Sampler::sobol, 480);
    const SimulationResult all = run(columns, plan);
    const SimulationResult some = run(take_customers(columns, std::vector<std::size_t>{77, 3}), plan);
    for (const auto& [of_some, of_all] : {std::pair<std::size_t, std::size_t>{0, 77}, {1, 3}}) {
        EXPECT_EQ(some.actions[0].mean[of_some], all.actions[0].mean[of_all]);
        EXPECT_EQ(some.actions[0].se[of_some], all.actions[0].se[of_all]);
        EXPECT_EQ(some.actions[0].quantiles[0][of_some], all.actions[0].quantiles[0][of_all]);
    }
}

TEST(HazardDraws, AreAMultipleOf16AndTheSameForEverybody) {
    const SimulationPlan plan = plan_with_draws(Sampler::philox, 160);
    EXPECT_THROW((void)run(customers_with_draws(5, 24), plan), ModelError);
    EXPECT_THROW((void)run(customers_with_draws(5, 1), plan), ModelError);
    SubscriptionColumns columns = customers_with_draws(5, 32);
    EXPECT_NO_THROW((void)run(columns, plan));
    columns.inverse_hazard_factor.pop_back();
    EXPECT_THROW((void)run(columns, plan), ModelError);
    columns.hazard_draws = 0;
    EXPECT_THROW((void)run(columns, plan), ModelError);
}

TEST(HazardDraws, NoPrecisionIsPromisedThatMorePathsCannotGive) {
    SimulationPlan plan = plan_with_draws(Sampler::philox, 160);
    plan.settings.target =
        PrecisionTarget{.se = 0.01, .kind = PrecisionKind::relative, .quantile = {}, .max_paths = {}};
    EXPECT_NO_THROW((void)run(mixed_customers(3), plan));
    try {
        (void)run(customers_with_draws(3, 32), plan);
        FAIL();
    } catch (const ConfigError& fault) {
        EXPECT_NE(std::string(fault.what()).find("simulation.target_se"), std::string::npos);
        EXPECT_NE(std::string(fault.what()).find("learn.bootstraps = 0"), std::string::npos);
    }
}

}  // namespace
}  // namespace clv
