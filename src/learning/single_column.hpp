#pragma once
// What one column alone tells of the outcome.

#include <cstdint>
#include <span>

#include "clv/learning/feature_matrix.hpp"

namespace clv {

/// Area under the ROC curve of the best of the orders that the column gives: a number's own, either way, or the shares
/// of its levels, each counted on the other half of the customers; missing is a level of its own. At least 0.5.
[[nodiscard]] double auc_of_column(std::span<const float> values, const LearnedColumn& column, const Outcomes& outcomes,
                                   std::span<const std::uint64_t> id_hash);

}  // namespace clv
