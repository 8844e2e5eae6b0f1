#pragma once
// [[actions]]: what may be done for a customer.

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "clv/simulation/plan.hpp"
#include "config_faults.hpp"

namespace clv {

/// The actions of `list`, the tables in their order. `none` may be among them; it is what is done for nobody, has no
/// effects, and is left out.
[[nodiscard]] std::vector<Action> read_actions(const nlohmann::json& list, const ConfigSource& source, Faults& faults);

}  // namespace clv
