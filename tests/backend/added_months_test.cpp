// The paid months that an action adds, on the CPU backend: identities by hand, and closed forms in standard errors that
// are exact too, each shown to fail on a planted error. That backends agree on them is for the tests of same bits,
// whose digests have them.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "clv/simulation/backend.hpp"
#include "clv/simulation/closed_form.hpp"
#include "support/agreement.hpp"
#include "support/cpu_run.hpp"
#include "support/retail_world.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

using test::run;

Action hazard_action(const char* name, double multiplier, double acceptance = 1.0) {
    Action action;
    action.name = name;
    action.hazard_multiplier.median = multiplier;
    action.acceptance = acceptance;
    return action;
}

SimulationPlan months_plan(std::int64_t paths, int horizon_months, std::vector<Action> actions) {
    SimulationPlan plan;
    plan.settings.paths = paths;
    plan.settings.horizon_months = horizon_months;
    plan.settings.seed = 7;
    plan.actions = std::move(actions);
    return plan;
}

TEST(AddedMonths, AreNoneWhereNobodyLeavesLater) {
    const SimulationResult result =
        run(test::mixed_customers(30),
            months_plan(256, 24, {hazard_action("same", 1.0), hazard_action("nobody", 0.5, 0.0)}));
    EXPECT_EQ(result.uplift[0].added_months, std::vector<double>(30, 0.0));
    EXPECT_EQ(result.uplift[1].added_months, std::vector<double>(30, 0.0));
    const SimulationResult loyal =
        run(test::plain_customers(3), months_plan(64, 24, {hazard_action("offer", 0.5), hazard_action("worse", 3.0)}));
    EXPECT_EQ(loyal.uplift[0].added_months, std::vector<double>(3, 0.0));
    EXPECT_EQ(loyal.uplift[1].added_months, std::vector<double>(3, 0.0));
}

TEST(AddedMonths, OfAnActionThatKeepsEverybodyAreThoseThatWereMissing) {
    const SubscriptionColumns columns = test::mixed_customers(30);
    const SimulationPlan plan = months_plan(256, 24, {hazard_action("rescue", 0.0)});
    for (const Sampler sampler : {Sampler::philox, Sampler::stratified, Sampler::sobol}) {
        SimulationPlan sampled = plan;
        sampled.settings.sampler = sampler;
        const SimulationResult result = run(columns, sampled);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            EXPECT_EQ(result.uplift[0].added_months[i], 24.0 - result.expected_lifetime_months[i]);
            EXPECT_GT(result.uplift[0].added_months[i], 0.0);
        }
    }
    SimulationPlan precise = plan;
    precise.settings.target = PrecisionTarget{};
    precise.settings.target->se = 0.01;
    precise.settings.target->max_paths = 4'096;
    const SimulationResult result = run(columns, precise);
    EXPECT_GT(*std::ranges::max_element(result.paths_used), 256U);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        EXPECT_NEAR(result.uplift[0].added_months[i], 24.0 - result.expected_lifetime_months[i], 1e-12);
    }
}

TEST(AddedMonths, OfAnAssignmentAreThoseOfTheSamePaths) {
    const SubscriptionColumns columns = test::mixed_customers(30);
    SimulationPlan plan = months_plan(300, 24, {hazard_action("offer", 0.6, 0.5), hazard_action("call", 0.8)});
    const SimulationResult all = run(columns, plan);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        plan.assignment.push_back(static_cast<std::uint8_t>(i % 3));
    }
    const SimulationResult chosen = run(columns, plan);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        EXPECT_EQ(chosen.uplift[0].added_months[i], i % 3 == 0 ? 0.0 : all.uplift[i % 3 - 1].added_months[i]);
    }
}

TEST(AddedMonths, AreUnknownToOtherLawsAndToWeightedPaths) {
    const test::FittedLaw& law = test::fitted_laws.front();
    for (const UpliftFigures& uplift : run(test::mixed_buyers(law, 5), test::retail_plan()).uplift) {
        EXPECT_TRUE(uplift.added_months.empty());
    }
    SimulationPlan plan = months_plan(64, 12, {hazard_action("offer", 0.5)});
    plan.path_weights.assign(64, 1.0 / 64.0);
    plan.moments_only = true;
    EXPECT_TRUE(run(test::plain_customers(2), plan).uplift[0].added_months.empty());
}

/// Mean and variance of the months that a hazard multiplier adds to geometric churn, from the one draw that decides
/// both lifetimes: it changes nothing between the hazards that have piled up by the end of some month.
struct AddedByMultiplier {
    double mean = 0.0;
    double variance = 0.0;
};

AddedByMultiplier added_to_geometric(double hazard, const Action& action, int horizon) {
    std::vector<double> plain;
    std::vector<double> changed;
    double sum = 0.0;
    for (int month = 1; month <= horizon; ++month) {
        plain.push_back(hazard * month);
        sum += hazard * (month <= action.duration_months.value_or(horizon) ? action.hazard_multiplier.median : 1.0);
        changed.push_back(sum);
    }
    std::vector<double> steps{0.0};
    steps.insert(steps.end(), plain.begin(), plain.end());
    steps.insert(steps.end(), changed.begin(), changed.end());
    std::ranges::sort(steps);
    const auto paid = [&](const std::vector<double>& cumulative, double draw) {
        return std::min<std::ptrdiff_t>(std::ranges::lower_bound(cumulative, draw) - cumulative.begin() + 1, horizon);
    };
    double squares = 0.0;
    AddedByMultiplier added;
    for (std::size_t k = 0; k < steps.size(); ++k) {
        const bool is_last = k + 1 == steps.size();
        const double draw = is_last ? steps[k] + 1.0 : 0.5 * (steps[k] + steps[k + 1]);
        const double probability = std::exp(-steps[k]) - (is_last ? 0.0 : std::exp(-steps[k + 1]));
        const auto months = static_cast<double>(paid(changed, draw) - paid(plain, draw));
        added.mean += action.acceptance * probability * months;
        squares += action.acceptance * probability * months * months;
    }
    added.variance = squares - added.mean * added.mean;
    return added;
}

TEST(AddedMonths, OfGeometricChurnAreSumsOfSurvival) {
    constexpr int horizon = 36;
    SubscriptionColumns columns = test::plain_customers(400);
    std::vector<double> churn;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        churn.push_back(test::uniform(i, 0, 0.01, 0.2));
        columns.hazards.customers[i] = {0, 0, static_cast<float>(-std::log1p(-churn[i]))};
    }
    Action call = hazard_action("call", 0.4, 0.7);
    call.duration_months = 6;
    const SimulationPlan plan =
        months_plan(4'000, horizon, {hazard_action("offer", 0.6), call, hazard_action("price rise", 1.5, 0.9)});
    const SimulationResult result = run(columns, plan);
    for (std::size_t a = 0; a < plan.actions.size(); ++a) {
        SCOPED_TRACE(plan.actions[a].name);
        // z of every customer against the truth of such an action
        const auto against = [&](const Action& action) {
            std::vector<double> mean;
            std::vector<double> se;
            for (std::size_t i = 0; i < columns.size(); ++i) {
                const AddedByMultiplier added =
                    added_to_geometric(double{columns.hazards.customers[i].tail}, action, horizon);
                mean.push_back(added.mean);
                se.push_back(std::sqrt(added.variance / static_cast<double>(plan.settings.paths)));
            }
            return test::agreement(result.uplift[a].added_months, se, [&](std::size_t i) { return mean[i]; });
        };
        const test::Agreement right = against(plan.actions[a]);
        EXPECT_TRUE(right.holds()) << "worst z " << right.worst_z << ", mean z^2 " << right.mean_square;
        Action planted = plan.actions[a];
        planted.hazard_multiplier.median *= 1.05;
        EXPECT_FALSE(against(planted).holds());
        planted = plan.actions[a];
        planted.acceptance *= 0.97;
        EXPECT_FALSE(against(planted).holds());
    }
    // with nothing to accept and no end they are survival summed, less survival summed
    for (const std::size_t i : {std::size_t{0}, columns.size() - 1}) {
        const double hazard = double{columns.hazards.customers[i].tail};
        double sum = 0.0;
        for (int month = 1; month <= horizon; ++month) {
            sum += std::exp(-0.6 * hazard * (month - 1)) - std::exp(-hazard * (month - 1));
        }
        EXPECT_NEAR(added_to_geometric(hazard, plan.actions[0], horizon).mean, sum, 1e-12);
    }
}

TEST(AddedMonths, OfEveryKindOfActionHaveTheirExpectations) {
    const SubscriptionColumns columns = test::mixed_customers(600);
    Action call = hazard_action("call", 0.6, 0.35);
    call.cost = 5.0;
    call.hazard_multiplier.customer_log_sd = 0.4;  // the customer's own: customers stay independent
    call.duration_months = 12;
    Action discount = hazard_action("discount", 0.8, 0.6);
    discount.price_multiplier = {0.95, 0.0, 0.1};
    Action upgrade = hazard_action("upgrade", 1.3);
    upgrade.monthly_cost = 1.5;
    upgrade.revenue_multiplier = {1.2, 0.0, 0.15};
    SimulationPlan plan = months_plan(2'000, 36, {call, discount, upgrade});
    for (const ChurnTiming timing : {ChurnTiming::end, ChurnTiming::start}) {
        plan.settings.churn_timing = timing;
        const SimulationResult result = run(columns, plan);
        for (std::size_t a = 0; a < plan.actions.size(); ++a) {
            // mean of the customers' errors against the truth of such an action, in standard errors
            const auto z_against = [&](const Action& action) {
                double sum = 0.0;
                double squares = 0.0;
                for (std::size_t i = 0; i < columns.size(); ++i) {
                    const double truth = expected_value(columns, i, plan.settings, &action).paid_months -
                                         expected_value(columns, i, plan.settings).paid_months;
                    const double error = result.uplift[a].added_months[i] - truth;
                    sum += error;
                    squares += error * error;
                }
                return std::abs(sum) / std::sqrt(squares);
            };
            EXPECT_LT(z_against(plan.actions[a]), 4.0) << plan.actions[a].name;
            Action planted = plan.actions[a];
            planted.hazard_multiplier.median *= 1.03;
            EXPECT_GT(z_against(planted), 4.0) << plan.actions[a].name;
        }
    }
}

}  // namespace
}  // namespace clv
