#pragma once
// [[scenarios]]: tables whose values may be lists, written out as one scenario for every combination.

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "clv/simulation/plan.hpp"
#include "config_faults.hpp"

namespace clv {

/// A sweep has at most this many scenarios.
inline constexpr std::size_t max_scenarios = 10'000;

/// The scenarios of `list`, the tables in their order. Combinations run through the keys in the order of the key table,
/// the last one fastest, and are called `name KEY=VALUE ..` with every key that has a list.
[[nodiscard]] std::vector<Scenario> read_scenarios(const nlohmann::json& list, const ConfigSource& source,
                                                   Faults& faults);

}  // namespace clv
