#pragma once
// Columns that grow with tenure (what was paid so far) say how long a customer has stayed, which is what hazards by
// tenure are to explain.

#include <vector>

#include "clv/learning/feature_matrix.hpp"

namespace clv {

/// `columns` without the tenure itself and numbers whose ranks go with it (Spearman's correlation of 0.8 and more),
/// unless settings declare their kind. What is left out joins `left_out`.
[[nodiscard]] std::vector<LearnedColumn> columns_besides_tenure(const CustomerTable& customers,
                                                                const std::vector<LearnedColumn>& columns,
                                                                const std::vector<double>& tenure,
                                                                const LearnSettings& settings,
                                                                std::vector<LeftOut>& left_out);

}  // namespace clv
