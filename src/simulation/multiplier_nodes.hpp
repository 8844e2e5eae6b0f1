#pragma once
// A random multiplier of hazards as values with probabilities, for integrals over it.

#include <vector>

#include "clv/simulation/plan.hpp"

namespace clv {

/// A possible value of a hazard multiplier and its probability.
struct MultiplierNode {
    double multiplier = 1.0;
    double weight = 1.0;
};

/// The trapezoidal rule over the normal deviate, nine standard deviations to either side; one node where the multiplier
/// is certain.
[[nodiscard]] std::vector<MultiplierNode> multiplier_nodes(const UncertainMultiplier& multiplier, int nodes_per_sd);

}  // namespace clv
