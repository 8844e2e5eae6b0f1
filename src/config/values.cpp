#include "clv/config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "clv/core/absolute_path.hpp"
#include "clv/core/json_text.hpp"
#include "clv/core/sha256.hpp"
#include "config_source.hpp"
#include "key_binding.hpp"

namespace clv {

namespace {

using nlohmann::json;

constexpr std::string_view limits_key = "optimizer.limits";

/// The value of one key, or a whole list of tables.
struct Entry {
    std::string name;
    json value;
    bool statistical = true;
    bool is_path = false;
};

template <class Owner>
json table_of(std::span<const KeyBinding<Owner>> bindings, const Owner& owner) {
    json table = json::object();
    for (const auto& binding : bindings) {
        if (json value = binding.load(owner); !value.is_null()) {
            table[binding.key.name] = std::move(value);
        }
    }
    return table;
}

json limit_table(const PlanLimit& limit) {
    json table = table_of(limit_bindings(), limit);
    if (limit.min_roi) {
        table.erase("column");  // a limit of the return on cost has no column
    }
    return table;
}

json absolute_paths(const json& value) {
    const auto absolute = [](const json& path) {
        const auto& text = path.get_ref<const std::string&>();
        return is_in_memory(text) ? text : absolute_path(text).string();
    };
    if (!value.is_array()) {
        return absolute(value);
    }
    json all = value;
    std::ranges::transform(value, all.begin(), absolute);
    return all;
}

/// Every key that has a value, in the order of the table of keys.
std::vector<Entry> entries(const RunConfig& config) {
    std::vector<Entry> all;
    for (const auto& binding : section_bindings()) {
        if (json value = binding.load(config); !value.is_null()) {
            all.push_back({binding.key.name, binding.is_path ? absolute_paths(value) : std::move(value),
                           binding.key.statistical, binding.is_path});
        }
    }
    const auto add_list = [&](std::string_view name, const auto& owners, const auto& as_table) {
        json list = json::array();
        for (const auto& owner : owners) {
            list.push_back(as_table(owner));
        }
        if (!list.empty()) {
            all.push_back({std::string(name), std::move(list)});
        }
    };
    add_list("actions", config.actions, [](const Action& action) { return table_of(action_bindings(), action); });
    add_list("scenarios", config.scenarios,
             [](const Scenario& scenario) { return table_of(scenario_bindings(), scenario); });
    add_list(limits_key, config.optimizer.limits, limit_table);
    return all;
}

}  // namespace

std::string config_as_json(const RunConfig& config) {
    json sections = json::object();
    for (Entry& entry : entries(config)) {
        const std::size_t dot = entry.name.find('.');
        json& place = dot == std::string::npos ? sections[entry.name]
                                               : sections[entry.name.substr(0, dot)][entry.name.substr(dot + 1)];
        place = std::move(entry.value);
    }
    return json_text(sections, 2);
}

std::string config_hash(const RunConfig& config) {
    json values = json::object();
    for (Entry& entry : entries(config)) {
        if (entry.statistical) {
            values[entry.name] = std::move(entry.value);
        }
    }
    return sha256_hex(json_text(values));
}

std::vector<ConfigValue> config_values(const RunConfig& config) {
    std::vector<ConfigValue> values;
    for (const Entry& entry : entries(config)) {
        values.push_back({entry.name, json_text(entry.value), entry.statistical, entry.is_path});
    }
    return values;
}

std::vector<ConfigValue> recorded_values(std::string_view sections) {
    std::vector<ConfigValue> values;
    const auto add = [&](const std::string& name, const json& value) {
        const auto key =
            std::ranges::find(section_bindings(), name, [](const auto& binding) { return binding.key.name; });
        const bool is_known = key != section_bindings().end();
        values.push_back({name, json_text(value), !is_known || key->key.statistical, is_known && key->is_path});
    };
    const json document = json::parse(sections);
    for (const auto& [section, content] : document.items()) {
        if (!content.is_object()) {
            add(section, content);
            continue;
        }
        for (const auto& [key, value] : content.items()) {
            add(section + "." + key, value);
        }
    }
    return values;
}

}  // namespace clv
