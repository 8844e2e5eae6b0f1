#pragma once
// What the setups of all path laws are made of.

#include <algorithm>

#include "clv/paths/action_law.hpp"
#include "clv/risk/fixed_point.hpp"
#include "clv/simulation/path_weights.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

[[nodiscard]] ActionLaw action_law(const Action& action, int horizon_months);

/// The plan's path weights. Throws ConfigError where they do not fit the rest of the plan.
[[nodiscard]] PathWeights weights_of(const SimulationPlan& plan);

/// Largest of exp(9 s_t - s_t^2 / 2) over 0 <= s_t <= s: nine standard deviations of a mean-one lognormal.
[[nodiscard]] double nine_sigma(double log_variance);

/// Sizes of many customers, and the scale of their sum: typically the sum of what is typical; at most what an extreme
/// market does to all of them, and one customer on top of it who goes all the way.
class SumSizes {
  public:
    void add(double typical, double shared_bound, double bound) {
        typical_.add(typical);
        shared_bound_.add(std::min(shared_bound, typical * 0x1p36));
        largest_bound_ = std::max(largest_bound_, std::min(bound, typical * 0x1p32));
    }
    void add(const SumSizes& others) {
        typical_.add(others.typical_);
        shared_bound_.add(others.shared_bound_);
        largest_bound_ = std::max(largest_bound_, others.largest_bound_);
    }
    [[nodiscard]] FixedPoint scale() const { return {typical_.value(), shared_bound_.value() + largest_bound_, 2}; }

  private:
    OrderFreeSum typical_;
    OrderFreeSum shared_bound_;
    double largest_bound_ = 0.0;
};

}  // namespace clv
