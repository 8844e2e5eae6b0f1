#include "clv/config/load_config.hpp"

#include <fmt/format.h>
#include <utf8.h>

#include <algorithm>
#include <optional>
#include <set>

#include "action_tables.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/nearest_name.hpp"
#include "clv/data/tables/fault.hpp"
#include "config_faults.hpp"
#include "config_source.hpp"
#include "key_binding.hpp"
#include "limit_tables.hpp"
#include "scenario_tables.hpp"

namespace clv {

namespace {

using nlohmann::json;

constexpr std::string_view limits_key = "optimizer.limits";

std::string section_of(const std::string& key) {
    return key.substr(0, key.find('.'));
}

std::string short_name(const std::string& key) {
    return key.substr(key.find('.') + 1);
}

std::vector<std::string> section_names() {
    std::vector<std::string> names;
    for (const auto& binding : section_bindings()) {
        if (names.empty() || names.back() != section_of(binding.key.name)) {
            names.push_back(section_of(binding.key.name));
        }
    }
    names.emplace_back("actions");
    names.emplace_back("scenarios");
    return names;
}

std::vector<std::string> key_names(const std::string& section) {
    std::vector<std::string> names;
    for (const auto& binding : section_bindings()) {
        if (section_of(binding.key.name) == section) {
            names.push_back(short_name(binding.key.name));
        }
    }
    if (section == section_of(std::string(limits_key))) {
        names.push_back(short_name(std::string(limits_key)));
    }
    return names;
}

const KeyBinding<RunConfig>* find_binding(const std::string& key) {
    const auto found = std::ranges::find(section_bindings(), key, [](const auto& b) { return b.key.name; });
    return found == section_bindings().end() ? nullptr : &*found;
}

void apply_section(const std::string& section, const json& content, const ConfigSource& source, RunConfig& config,
                   Faults& faults) {
    const std::vector<std::string> known = key_names(section);
    for (const auto& [name, value] : content.items()) {
        const std::string key = fmt::format("{}.{}", section, name);
        const std::string pointer = fmt::format("/{}/{}", section, name);
        if (key == limits_key) {
            config.optimizer.limits = read_limits(value, source, faults);
        } else if (const auto* binding = find_binding(key)) {
            store(*binding, key, value, source, pointer, config, faults);
        } else {
            faults.add("unknown key " + shortened(key), source.place(pointer),
                       remedy_for_unknown(name, section, known));
        }
    }
}

/// run.json, which is JSON, has to say what was read: another file could have the name that it can say.
void check_texts(const json& values, const std::string& pointer, const ConfigSource& source, Faults& faults) {
    if (values.is_structured()) {
        for (const auto& [name, value] : values.items()) {
            check_texts(value, pointer + "/" + name, source, faults);
        }
    } else if (values.is_string()) {
        const std::string& text = values.get_ref<const std::string&>();
        if (!utf8::is_valid(text.begin(), text.end())) {
            faults.add(fmt::format("{} is not UTF-8", shortened(text)), source.place(pointer),
                       "rename the file, or write the text in UTF-8");
        }
    }
}

void apply(const ConfigSource& source, RunConfig& config, Faults& faults) {
    check_texts(source.values, {}, source, faults);
    const std::vector<std::string> sections = section_names();
    for (const auto& [section, content] : source.values.items()) {
        const std::string place = source.place("/" + section);
        if (section == "actions") {
            config.actions = read_actions(content, source, faults);
        } else if (section == "scenarios") {
            config.scenarios = read_scenarios(content, source, faults);
        } else if (std::ranges::find(sections, section) == sections.end()) {
            std::string remedy = fmt::format("the sections are {}", fmt::join(sections, ", "));
            if (const auto elsewhere = key_elsewhere(section)) {
                remedy = fmt::format("did you mean {}?", *elsewhere);
            } else if (const auto nearest = nearest_name(section, sections)) {
                remedy = fmt::format("did you mean {}?", *nearest);
            }
            faults.add(fmt::format("unknown {} {}", content.is_object() ? "section" : "key", shortened(section)), place,
                       remedy);
        } else if (!content.is_object()) {
            faults.add(fmt::format("{} is a section, not {}", section, describe(content)), place,
                       fmt::format("write [{}] and its keys below it", section));
        } else {
            apply_section(section, content, source, config, faults);
        }
    }
}

bool keeps_text(const std::string& key) {
    return std::ranges::any_of(section_bindings(), [&](const auto& binding) {
        const std::string& name = binding.key.name;
        return binding.keeps_text && (binding.is_open ? key.starts_with(name + ".") : key == name);
    });
}

/// Where the value of simulation.`name` comes from.
std::string place_of(const std::string& name, const ConfigSources& sources, const ConfigSource& file) {
    for (auto override = sources.overrides.rbegin(); override != sources.overrides.rend(); ++override) {
        if (override->key == "simulation." + name) {
            return shortened(override->origin, longest_origin);
        }
    }
    return file.place("/simulation/" + name);
}

/// Checks what the keys of [simulation] ask of each other.
void check_paths(const SimulationSettings& settings, const ConfigSources& sources, const ConfigSource& file,
                 Faults& faults) {
    const auto add = [&](const std::string& key, const std::string& problem, const std::string& remedy) {
        faults.add("simulation." + key + problem, place_of(key, sources, file), remedy);
    };
    const auto check_multiple = [&](const std::string& key, std::int64_t count) {
        if (settings.sampler == Sampler::philox || count % path_replicates == 0) {
            return;
        }
        const std::int64_t below = count / path_replicates * path_replicates;
        const std::int64_t above = below + path_replicates;
        add(key, fmt::format(" is {}, but this sampler needs a multiple of {}", count, path_replicates),
            below == 0 ? fmt::format("give {}", above)
                       : fmt::format("give {} or {}, or set simulation.sampler to philox", below, above));
    };
    check_multiple("paths", settings.paths);
    if (!settings.target) {
        return;
    }
    const PrecisionTarget& target = *settings.target;
    if (target.se == 0.0) {
        const std::string key = target.max_paths  ? "max_paths"
                                : target.quantile ? "target_se_quantile"
                                                  : "target_se_kind";
        add(key, " is given without simulation.target_se", "give the standard error to reach, or remove it");
    }
    if (target.quantile && std::ranges::find(settings.quantiles, *target.quantile) == settings.quantiles.end()) {
        add("target_se_quantile", fmt::format(" is {}, which is not reported", *target.quantile),
            fmt::format("give one of simulation.quantiles, {}", fmt::join(settings.quantiles, ", ")));
    }
    if (target.max_paths) {
        check_multiple("max_paths", *target.max_paths);
        if (*target.max_paths < settings.paths) {
            add("max_paths", fmt::format(" is {}, fewer than simulation.paths", *target.max_paths),
                fmt::format("give {} or more", settings.paths));
        }
    }
}

}  // namespace

Override parse_override(std::string_view argument) {
    const std::size_t equals = argument.find('=');
    const auto trim = [](std::string_view text) {
        const std::size_t begin = text.find_first_not_of(" \t");
        return begin == std::string_view::npos ? std::string_view()
                                               : text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
    };
    const std::string_view key = trim(argument.substr(0, equals));
    if (equals == std::string_view::npos || key.empty()) {
        throw ConfigError(
            fmt::format("no key and value (--set {}): write --set section.key=value", shortened(argument)));
    }
    return {std::string(key), std::string(trim(argument.substr(equals + 1))), fmt::format("--set {}", argument)};
}

RunConfig load_config(const ConfigSources& sources) {
    RunConfig config;
    Faults faults;
    ConfigSource file;
    if (sources.text || !sources.file.empty()) {
        file = sources.text ? read_config_text(*sources.text) : read_config_file(sources.file);
        apply(file, config, faults);
        config.sources = file.files;
    }
    for (const Override& override : sources.overrides) {
        const ConfigSource source = read_override(override, keeps_text(override.key));
        apply(source, config, faults);
        config.sources.insert(config.sources.end(), source.files.begin(), source.files.end());
    }
    check_paths(config.simulation, sources, file, faults);
    if (config.survival.alpha.has_value() != config.survival.beta.has_value()) {
        faults.add("only one of survival.alpha and survival.beta is given", file.name,
                   "give both, or neither to fit them");
    }
    faults.throw_if_any();
    return config;
}

}  // namespace clv
