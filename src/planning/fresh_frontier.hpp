#pragma once

#include <optional>
#include <vector>

#include "clv/planning/planned_actions.hpp"

namespace clv {

/// The frontier, where there is a simulator with its errors in sample and valued on fresh paths. Where paths are many,
/// sums of all points would not fit into memory, and only some points are valued, evenly, the one at or below `budget`
/// among them.
[[nodiscard]] std::vector<EvaluatedPoint> evaluated_frontier(const UpliftTable& table, std::size_t points,
                                                             std::optional<double> budget,
                                                             const PlanSimulator* simulator);

}  // namespace clv
