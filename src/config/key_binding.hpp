#pragma once
// A key of the table bound to its member: how a value is checked and stored, and how it is read back. Values travel as
// JSON, whatever they came from.

#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "clv/config/config.hpp"
#include "clv/config/keys.hpp"

namespace clv {

/// A value that a key refuses. `part` points into the value ("/1/median"), for its place in the file.
struct ValueFault {
    std::string part;
    std::string problem;  ///< continues the key's name: "is 0"
    std::string remedy;   ///< "give an integer from 1 to 120 months"
};

template <class Owner>
struct KeyBinding {
    ConfigKey key;
    std::function<void(Owner&, const nlohmann::json&)> store;  ///< throws ValueFault
    std::function<nlohmann::json(const Owner&)> load;          ///< null: absent
    bool keeps_text = false;  ///< --set keeps the value as it was typed: 2024 is a fine folder name
    bool is_path = false;
    bool is_open = false;  ///< the keys below it are names: input.columns.NAME
};

/// Keys of the sections, with full names ("simulation.paths").
[[nodiscard]] std::span<const KeyBinding<RunConfig>> section_bindings();

/// Keys of one action, with short names ("cost").
[[nodiscard]] std::span<const KeyBinding<Action>> action_bindings();

/// Keys of one scenario, with short names; each takes a single value.
[[nodiscard]] std::span<const KeyBinding<Scenario>> scenario_bindings();

/// Keys of one of the optimizer's limits, with short names.
[[nodiscard]] std::span<const KeyBinding<PlanLimit>> limit_bindings();

/// "text "abc"", "a list", ..: what a value is, for messages.
[[nodiscard]] std::string describe(const nlohmann::json& value);

}  // namespace clv
