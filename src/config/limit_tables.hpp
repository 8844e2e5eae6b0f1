#pragma once
// [[optimizer.limits]]: the limits of a plan beside its budget.

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "clv/decisions/table/optimizer_settings.hpp"
#include "config_faults.hpp"

namespace clv {

/// The limits of `list`, the tables in their order. What each of them asks for is checked here; whether the data has
/// its column, action and segment is for the optimizer.
[[nodiscard]] std::vector<PlanLimit> read_limits(const nlohmann::json& list, const ConfigSource& source,
                                                 Faults& faults);

}  // namespace clv
