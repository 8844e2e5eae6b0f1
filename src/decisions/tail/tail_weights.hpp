#pragma once
// Means of paths, and the weights of paths under which a mean is CVaR.

#include <Eigen/Dense>
#include <span>
#include <vector>

#include "clv/risk/decimal_level.hpp"

namespace clv::decisions {

[[nodiscard]] double mean_of(std::span<const double> values);

/// The weights q of the values' own tail: the worst `level` of them in equal parts, the last of them in part.
[[nodiscard]] std::vector<double> tail_weights(std::span<const double> values, const DecimalLevel& level);

/// The nearest q to `wanted` with 0 <= q <= most and sum 1.
[[nodiscard]] std::vector<double> nearest_weights(const Eigen::VectorXd& wanted, double most);

}  // namespace clv::decisions
