#pragma once
// What a plan is compared with.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clv/planning/planned_actions.hpp"

namespace clv {

[[nodiscard]] bool everybody_may_do_nothing(const UpliftTable& table);

[[nodiscard]] PolicyValue value_by_table(std::string policy, const UpliftTable& table,
                                         std::span<const std::uint8_t> action);

/// `current` with none in place of what is not open.
[[nodiscard]] std::vector<std::uint8_t> open_policy(const UpliftTable& table, std::span<const std::uint8_t> current);

/// The action for everybody it is open to, in order of profit per cost until the budget is spent.
[[nodiscard]] std::vector<std::uint8_t> single_action(const UpliftTable& table, std::uint8_t action,
                                                      std::optional<double> budget);

}  // namespace clv
