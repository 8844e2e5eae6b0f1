// The bridge as a linear map from normals to a walk: whatever the order of construction, its covariance is min(s, t).

#include "clv/random/brownian_bridge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace clv {
namespace {

using Walk = std::vector<double>;

/// The walk when one normal is 1 and all others are 0: normals 0..3 are those of the anchors, 4.. those of the steps.
Walk response(const BrownianBridge& bridge, int normal) {
    const auto value = [&](int which) { return which == normal ? 1.0F : 0.0F; };
    const auto anchors = anchor_walk(bridge, value(0), value(1), value(2), value(3));
    Walk walk;
    float at = 0.0F;
    for (int s = 0; s < bridge.steps; ++s) {
        const BridgeStep& step = bridge.step[s];
        at = bridge_step(step, at, anchors.walk[step.segment], value(4 + s));
        walk.push_back(static_cast<double>(at));
    }
    return walk;
}

/// Largest difference of the walk's covariance from min(s, t), relative to the variance of the end.
double covariance_error(const BrownianBridge& bridge) {
    std::vector<Walk> map;
    for (int normal = 0; normal < 4 + bridge.steps; ++normal) {
        map.push_back(response(bridge, normal));
    }
    double worst = 0.0;
    const auto steps = static_cast<std::size_t>(bridge.steps);
    for (std::size_t s = 0; s < steps; ++s) {
        for (std::size_t t = 0; t < steps; ++t) {
            double covariance = 0.0;
            for (const Walk& walk : map) {
                covariance += walk[s] * walk[t];
            }
            const auto expected = static_cast<double>(std::min(s, t) + 1);
            worst = std::max(worst, std::abs(covariance - expected) / bridge.steps);
        }
    }
    return worst;
}

TEST(BrownianBridge, HasTheCovarianceOfAWalk) {
    for (const int steps : {1, 2, 3, 4, 5, 6, 7, 11, 35, 119, max_bridge_steps}) {
        EXPECT_LT(covariance_error(make_brownian_bridge(steps)), 2e-6) << steps;
    }
}

TEST(BrownianBridge, AWrongTableIsCaught) {
    BrownianBridge bridge = make_brownian_bridge(35);
    bridge.step[5].scale *= 1.001F;
    EXPECT_GT(covariance_error(bridge), 2e-6);
    bridge = make_brownian_bridge(35);
    bridge.anchor[2].scale *= 1.001F;
    EXPECT_GT(covariance_error(bridge), 2e-6);
}

TEST(BrownianBridge, MeetsItsAnchorsAtTheirSteps) {
    for (const int steps : {1, 2, 3, 5, 35, 119}) {
        const BrownianBridge bridge = make_brownian_bridge(steps);
        EXPECT_EQ(bridge.last_step[3], steps);
        const auto anchors = anchor_walk(bridge, 0.7F, -1.3F, 0.2F, 2.1F);
        float walk = 0.0F;
        for (int s = 0; s < steps; ++s) {
            const BridgeStep& step = bridge.step[s];
            walk = bridge_step(step, walk, anchors.walk[step.segment], 0.5F);
            if (s + 1 == bridge.last_step[step.segment]) {
                EXPECT_EQ(step.scale, 0.0F);
                EXPECT_NEAR(walk, anchors.walk[step.segment], 1e-5F) << steps << ' ' << s;
            }
        }
    }
}

TEST(BrownianBridge, TheFirstNormalIsTheEnd) {
    const BrownianBridge bridge = make_brownian_bridge(100);
    const Walk end = response(bridge, 0);
    const Walk quarter = response(bridge, 1);
    const Walk twelfth = response(bridge, 2);
    EXPECT_NEAR(end[99], 10.0, 1e-5);
    EXPECT_NEAR(end[24], 2.5, 1e-5);
    EXPECT_NEAR(quarter[24], std::sqrt(25.0 * 75.0 / 100.0), 1e-5);
    EXPECT_NEAR(quarter[99], 0.0, 1e-5);
    EXPECT_NEAR(twelfth[7], std::sqrt(8.0 * 17.0 / 25.0), 1e-5);
    EXPECT_NEAR(twelfth[24], 0.0, 1e-5);
}

TEST(BrownianBridge, OfNoStepsIsEmpty) {
    const BrownianBridge bridge = make_brownian_bridge(0);
    EXPECT_EQ(bridge.last_step[3], 0);
    EXPECT_EQ(anchor_walk(bridge, 1.0F, 1.0F, 1.0F, 1.0F).walk[3], 0.0F);
}

}  // namespace
}  // namespace clv
