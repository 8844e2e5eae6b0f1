// A run that takes moments only gives the same moments as a full one, and no other figure.

#include <gtest/gtest.h>

#include <cmath>

#include "clv/simulation/backend.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

TEST(MomentsOnly, AreThoseOfAFullRunAndNothingElseIsTaken) {
    const SubscriptionColumns columns = test::mixed_customers(20);
    SimulationPlan plan;
    plan.settings.paths = 300;
    Action discount;
    discount.name = "discount";
    discount.price_multiplier.median = 0.95;
    discount.hazard_multiplier.median = 0.8;
    plan.actions = {discount};
    NoProgress progress;
    const auto backend = make_cpu_backend(1);
    const SimulationResult full = backend->run(columns, plan, progress);
    plan.moments_only = true;
    const SimulationResult moments = backend->run(columns, plan, progress);
    for (std::size_t a = 0; a < 2; ++a) {
        EXPECT_EQ(moments.actions[a].mean, full.actions[a].mean);
        EXPECT_EQ(moments.actions[a].se, full.actions[a].se);
        EXPECT_EQ(moments.actions[a].sd, full.actions[a].sd);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            EXPECT_TRUE(std::isnan(moments.actions[a].quantiles[0][i]));
            EXPECT_TRUE(std::isnan(moments.actions[a].cvar[i]));
            EXPECT_TRUE(std::isnan(moments.actions[a].prob_loss[i]));
            EXPECT_FALSE(std::isnan(full.actions[a].prob_loss[i]));
        }
    }
    EXPECT_EQ(moments.uplift[0].expected_profit, full.uplift[0].expected_profit);
    EXPECT_EQ(moments.totals.values, full.totals.values);
}

}  // namespace
}  // namespace clv
