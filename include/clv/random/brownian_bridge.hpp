#pragma once
// A random walk whose few most important normals come first, for points of a quasi-random sequence.
//
//   Density     W_0 = 0, and the steps W_s - W_(s-1) are independent standard normals, s = 1..n: walks are in units of
//               the standard deviation of one step.
//
//   Algorithm
//     1. W_n = sqrt(n) z_1 from the first coordinate of a point.
//     2. Three more anchors from the next coordinates: W at n/4, n/12 and n/2, each given its neighbours l < s < r by
//        W_s = ((r - s) W_l + (s - l) W_r) / (r - l) + sqrt((s - l) (r - s) / (r - l)) z.
//     3. The steps in between one after the other towards the next anchor W_r, with independent normals:
//        W_s = (1 - 1/k) W_(s-1) + W_r / k + sqrt(1 - 1/k) z, where k = r - s + 1 steps are left.
//   Anchors stand closer in the beginning: of a customer who leaves early only that part counts, and low quantiles are
//   such customers. By step 3 a path needs no memory of its steps.
//
//   Citation    Caflisch, Morokoff and Owen, "Valuation of mortgage-backed securities using Brownian bridges to reduce
//   effective dimension", Journal of Computational Finance 1, 1997.

#include "clv/random/lane.hpp"

namespace clv {

inline constexpr int bridge_anchors = 4;
inline constexpr int max_bridge_steps = 128;

/// One step of the walk towards the anchor at the end of its segment.
struct BridgeStep {
    float keep;            ///< share of the walk that stays: 1 - pull
    float pull;            ///< share of the anchor that is added: 1 / steps left
    float scale;           ///< standard deviation of the step, given the anchor
    std::int32_t segment;  ///< which anchor it leads to, 0..3 in order of time
};

/// An anchor given two others: walk = left_share left + right_share right + scale normal.
struct BridgeAnchor {
    float left_share;
    float right_share;
    float scale;
};

/// Table of a walk, the same for all paths. Anchors in order of time: a twelfth, a quarter, the middle, the end.
struct BrownianBridge {
    int steps;                               ///< 0..max_bridge_steps
    std::int32_t last_step[bridge_anchors];  ///< step that reaches an anchor; that of the one before: no segment
    BridgeAnchor anchor[bridge_anchors];     ///< the end has only a scale
    BridgeStep step[max_bridge_steps];       ///< [s - 1] for s = 1..steps
};

/// Values of the walk at the anchors, in order of time.
template <class Real>
struct AnchorWalk {
    Real walk[bridge_anchors];
};

namespace detail {

CLV_HD BridgeAnchor between_anchors(int left, int at, int right) {
    const float length = right > left ? static_cast<float>(right - left) : 1.0F;
    const float before = static_cast<float>(at - left);
    const float after = static_cast<float>(right - at);
    return {after / length, before / length, lane::square_root(before * after / length)};
}

template <class Real>
CLV_HD Real walk_between(const BridgeAnchor& anchor, Real left, Real right, Real normal) {
    const Real mean = lane::fused(Real(anchor.right_share), right, Real(anchor.left_share) * left);
    return lane::fused(Real(anchor.scale), normal, mean);
}

}  // namespace detail

/// Table of a walk of `steps` steps, 0..max_bridge_steps. On the host, once per run.
CLV_HD BrownianBridge make_brownian_bridge(int steps) {
    BrownianBridge bridge{};
    bridge.steps = steps;
    const int time[] = {steps / 12, steps / 4, steps / 2, steps};
    bridge.anchor[0] = detail::between_anchors(0, time[0], time[1]);
    bridge.anchor[1] = detail::between_anchors(0, time[1], steps);
    bridge.anchor[2] = detail::between_anchors(time[1], time[2], steps);
    bridge.anchor[3] = {0.0F, 0.0F, lane::square_root(static_cast<float>(steps))};
    int step = 0;
    for (int segment = 0; segment < bridge_anchors; ++segment) {
        bridge.last_step[segment] = time[segment];
        for (; step < time[segment]; ++step) {
            const auto left = static_cast<float>(time[segment] - step);
            bridge.step[step] = {(left - 1.0F) / left, 1.0F / left, lane::square_root((left - 1.0F) / left), segment};
        }
    }
    return bridge;
}

/// The anchors from four standard normals, of which the first matters most.
template <class Real>
CLV_HD AnchorWalk<Real> anchor_walk(const BrownianBridge& bridge, Real end, Real quarter, Real twelfth, Real middle) {
    const Real zero = Real(0.0F);
    AnchorWalk<Real> anchors;
    anchors.walk[3] = Real(bridge.anchor[3].scale) * end;
    anchors.walk[1] = detail::walk_between(bridge.anchor[1], zero, anchors.walk[3], quarter);
    anchors.walk[0] = detail::walk_between(bridge.anchor[0], zero, anchors.walk[1], twelfth);
    anchors.walk[2] = detail::walk_between(bridge.anchor[2], anchors.walk[1], anchors.walk[3], middle);
    return anchors;
}

/// The walk after a step, from the walk before it, the anchor of the step's segment and a standard normal: one
/// operation after the other waits only for the walk. A step with scale 0 ends at its anchor and needs no normal.
template <class Real>
CLV_HD Real bridge_step(const BridgeStep& step, Real walk, Real anchor, Real normal) {
    return lane::fused(Real(step.keep), walk, lane::fused(Real(step.scale), normal, Real(step.pull) * anchor));
}

}  // namespace clv
