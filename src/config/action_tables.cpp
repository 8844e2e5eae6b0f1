#include "action_tables.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "config_source.hpp"

namespace clv {

namespace {

using nlohmann::json;

constexpr std::string_view no_action = "none";
constexpr TableKind kind{"an", "action"};

/// The first key of the action `none` that is not at its default, and so makes it more than nothing.
std::optional<std::string> first_effect(const Action& action) {
    for (const auto& binding : action_bindings()) {
        if (binding.key.name != "name" && binding.load(action) != binding.load(Action{})) {
            return binding.key.name;
        }
    }
    return std::nullopt;
}

}  // namespace

std::vector<Action> read_actions(const json& list, const ConfigSource& source, Faults& faults) {
    std::vector<Action> actions;
    if (!check_is_list_of_tables(kind, list, source, "/actions", faults)) {
        return actions;
    }
    std::set<std::string> names;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string pointer = fmt::format("/actions/{}", i);
        Action action;
        for (const auto& [name, value] : list[i].items()) {
            if (const auto* binding = find_in_table(action_bindings(), kind, name, source, pointer, faults)) {
                store(*binding, "actions." + name, value, source, pointer + "/" + name, action, faults);
            }
        }
        if (take_name(kind, action.name, source, pointer, names, faults) && action.name == no_action) {
            if (const auto effect = first_effect(action)) {
                faults.add(fmt::format("the action \"none\" has {}", *effect), source.place(pointer + "/" + *effect),
                           "none means to do nothing; remove the key, or choose another name");
            }
            continue;
        }
        actions.push_back(std::move(action));
    }
    if (actions.size() > static_cast<std::size_t>(max_actions)) {
        faults.add(fmt::format("{} actions besides none", actions.size()), source.place("/actions"),
                   fmt::format("a run compares at most {}", max_actions));
    }
    return actions;
}

}  // namespace clv
