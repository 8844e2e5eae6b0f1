#include "clv/config/rules_file.hpp"

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "clv/core/errors.hpp"
#include "config_faults.hpp"
#include "config_source.hpp"
#include "key_kinds.hpp"

namespace clv {

namespace {

using nlohmann::json;
using namespace kinds;

constexpr Range any_number{.low = -1.0e12, .high = 1.0e12};

std::vector<KeyBinding<StageRule>> stage_keys() {
    return {text({.name = "name", .meaning = "name"}, at<&StageRule::name>),
            text({.name = "when", .meaning = "condition"}, at<&StageRule::when>)};
}

std::vector<KeyBinding<ValueTier>> tier_keys() {
    return {text({.name = "name", .meaning = "name"}, at<&ValueTier::name>),
            number({.name = "from_percentile", .meaning = "share of customers with less"},
                   at<&ValueTier::from_percentile>, Range{.low = 0.0, .high = 1.0})};
}

std::vector<KeyBinding<RiskSignal>> signal_keys() {
    return {text({.name = "name", .meaning = "name"}, at<&RiskSignal::name>),
            text({.name = "column", .meaning = "column"}, at<&RiskSignal::column>),
            number({.name = "zero_at", .meaning = "where the signal is 0"}, at<&RiskSignal::zero_at>, any_number),
            number({.name = "one_at", .meaning = "where the signal is 1"}, at<&RiskSignal::one_at>, any_number),
            number({.name = "weight", .meaning = "weight"}, at<&RiskSignal::weight>, any_number),
            text({.name = "sentence", .meaning = "what it says"}, at<&RiskSignal::sentence>)};
}

std::vector<KeyBinding<RiskLevel>> level_keys() {
    return {text({.name = "name", .meaning = "name"}, at<&RiskLevel::name>),
            number({.name = "from_score", .meaning = "lowest score"}, at<&RiskLevel::from_score>,
                   Range{.low = 0.0, .high = 100.0})};
}

std::vector<KeyBinding<RuledAction>> action_keys() {
    return {text({.name = "name", .meaning = "name"}, at<&RuledAction::name>),
            text({.name = "when", .meaning = "condition"}, at<&RuledAction::when>),
            number({.name = "cost", .meaning = "cost"}, at<&RuledAction::cost>, any_number),
            number({.name = "benefit", .meaning = "benefit"}, at<&RuledAction::benefit>, any_number),
            text({.name = "benefit_of", .meaning = "column"}, at<&RuledAction::benefit_of>),
            text({.name = "sentence", .meaning = "what it says"}, at<&RuledAction::sentence>)};
}

template <class Rule>
std::vector<Rule> read_tables(const json& root, const char* plural, const char* singular,
                              const std::vector<KeyBinding<Rule>>& keys, const ConfigSource& source, Faults& faults) {
    std::vector<Rule> rules;
    const TableKind kind{*singular == 'a' ? "an" : "a", singular};
    const std::string list_pointer = fmt::format("/{}", plural);
    if (!root.contains(plural) || !check_is_list_of_tables(kind, root[plural], source, list_pointer, faults)) {
        return rules;
    }
    std::set<std::string> names;
    for (std::size_t i = 0; i < root[plural].size(); ++i) {
        const std::string pointer = fmt::format("{}/{}", list_pointer, i);
        Rule rule;
        for (const auto& [name, value] : root[plural][i].items()) {
            if (const auto* key = find_in_table(std::span(keys), kind, name, source, pointer, faults)) {
                store(*key, fmt::format("{}.{}", plural, name), value, source, pointer + "/" + name, rule, faults);
            }
        }
        static_cast<void>(take_name(kind, rule.name, source, pointer, names, faults));
        rules.push_back(std::move(rule));
    }
    return rules;
}

}  // namespace

RuleSet read_rules(const std::string& file) {
    const ConfigSource source = read_toml_file(file, "the rules");
    const json& root = source.values;
    Faults faults;
    RuleSet rules;
    rules.stages = read_tables(root, "stages", "stage", stage_keys(), source, faults);
    rules.tiers = read_tables(root, "tiers", "tier", tier_keys(), source, faults);
    rules.signals = read_tables(root, "signals", "signal", signal_keys(), source, faults);
    rules.levels = read_tables(root, "levels", "level", level_keys(), source, faults);
    rules.actions = read_tables(root, "actions", "action", action_keys(), source, faults);
    const std::set<std::string> known{"tier_column", "stages", "tiers", "signals", "levels", "actions"};
    for (const auto& [name, value] : root.items()) {
        if (!known.contains(name)) {
            faults.add(fmt::format("rules have no \"{}\"", name), source.place("/" + name),
                       "give tier_column, [[stages]], [[tiers]], [[signals]], [[levels]] or [[actions]]");
        }
    }
    if (root.contains("tier_column")) {
        if (root["tier_column"].is_string()) {
            rules.tier_column = root["tier_column"].get<std::string>();
        } else {
            faults.add("tier_column is no text", source.place("/tier_column"), "give the name of a column");
        }
    }
    faults.throw_if_any();
    try {
        check_rule_set(rules);
    } catch (const ConfigError& fault) {
        throw ConfigError(fmt::format("{} ({})", fault.what(), file));
    }
    return rules;
}

}  // namespace clv
