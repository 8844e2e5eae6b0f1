#pragma once

#include <vector>

namespace clv {

/// Whether a matrix, row by row, is a covariance up to rounding: square, finite, symmetric and positive semi-definite.
[[nodiscard]] bool is_covariance(const std::vector<std::vector<double>>& rows);

}  // namespace clv
