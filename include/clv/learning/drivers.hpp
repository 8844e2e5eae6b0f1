#pragma once
// Why a customer has the score that it has, in words.

#include <span>
#include <string>
#include <vector>

#include "clv/learning/feature_matrix.hpp"

namespace clv {

/// "Contract Month-to-month (+0.76)": the columns that move the score most, largest first, at most `most` of them, with
/// what each adds to it. `values` and `contributions` have one entry per column.
[[nodiscard]] std::vector<std::string> drivers_of(std::span<const LearnedColumn> columns, std::span<const float> values,
                                                  std::span<const float> contributions, std::size_t most);

}  // namespace clv
