#include "clv/config/keys.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "clv/config/config.hpp"
#include "clv/core/json_text.hpp"
#include "key_binding.hpp"
#include "sections/sections.hpp"

namespace clv {

namespace {

/// The sections, in the order of the reference page. The lists of tables come after them.
std::vector<Section<RunConfig>> make_sections() {
    return {generate_section(),  input_section(),     customers_section(), fit_section(),        learn_section(),
            segment_section(),   rules_section(),     survival_section(),  simulation_section(), market_section(),
            optimizer_section(), execution_section(), output_section()};
}

const std::vector<Section<RunConfig>>& sections() {
    static const std::vector<Section<RunConfig>> all = make_sections();
    return all;
}

const Section<Action>& actions() {
    static const Section<Action> section = actions_section();
    return section;
}

const Section<Scenario>& scenarios() {
    static const Section<Scenario> section = scenarios_section();
    return section;
}

const Section<PlanLimit>& limits() {
    static const Section<PlanLimit> section = limits_section();
    return section;
}

std::vector<KeyBinding<RunConfig>> join_sections() {
    std::vector<KeyBinding<RunConfig>> bindings;
    for (const Section<RunConfig>& section : sections()) {
        bindings.insert(bindings.end(), section.keys.begin(), section.keys.end());
    }
    return bindings;
}

std::vector<ConfigKey> describe_keys() {
    std::vector<ConfigKey> keys;
    const auto add = [&](const auto& bindings, const std::string& prefix, const auto& defaults) {
        for (const auto& binding : bindings) {
            ConfigKey key = binding.key;
            key.name = prefix + key.name + (binding.is_open ? ".NAME" : "");
            const nlohmann::json value = binding.load(defaults);
            key.default_value = value.is_null() ? "" : json_text(value);
            keys.push_back(std::move(key));
        }
    };
    add(section_bindings(), "", RunConfig{});
    add(action_bindings(), "actions.", Action{});
    add(scenario_bindings(), "scenarios.", Scenario{});
    add(limit_bindings(), "optimizer.limits.", PlanLimit{});
    return keys;
}

}  // namespace

template <class Owner>
void KeyBinding<Owner>::store(Owner& owner, const nlohmann::json& value) const {
    kind->store(&owner, value);
}

template <class Owner>
nlohmann::json KeyBinding<Owner>::load(const Owner& owner) const {
    return kind->load(&owner);
}

template struct KeyBinding<RunConfig>;
template struct KeyBinding<Action>;
template struct KeyBinding<Scenario>;
template struct KeyBinding<PlanLimit>;

std::span<const KeyBinding<RunConfig>> section_bindings() {
    static const std::vector<KeyBinding<RunConfig>> bindings = join_sections();
    return bindings;
}

std::span<const KeyBinding<Action>> action_bindings() {
    return actions().keys;
}

std::span<const KeyBinding<Scenario>> scenario_bindings() {
    return scenarios().keys;
}

std::span<const KeyBinding<PlanLimit>> limit_bindings() {
    return limits().keys;
}

std::vector<SectionHeading> section_headings() {
    std::vector<SectionHeading> headings;
    for (const Section<RunConfig>& section : sections()) {
        headings.push_back({section.name, section.meaning, false});
    }
    headings.push_back({actions().name, actions().meaning, true});
    headings.push_back({scenarios().name, scenarios().meaning, true});
    headings.push_back({limits().name, limits().meaning, true});
    return headings;
}

std::span<const ConfigKey> config_keys() {
    static const std::vector<ConfigKey> keys = describe_keys();
    return keys;
}

}  // namespace clv
