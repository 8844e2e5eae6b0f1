#include "clv/pipeline/config.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <set>

#include "clv/core/errors.hpp"
#include "clv/core/nearest_name.hpp"
#include "config_source.hpp"
#include "key_binding.hpp"

namespace clv {

namespace {

using nlohmann::json;

constexpr std::string_view no_action = "none";

/// Everything wrong with a configuration, so that one reading shows it all.
class Faults {
  public:
    void add(const std::string& problem, const std::string& place, const std::string& remedy) {
        texts_.push_back(place.empty() ? fmt::format("{}: {}", problem, remedy)
                                       : fmt::format("{} ({}): {}", problem, place, remedy));
    }
    void throw_if_any() const {
        if (texts_.size() == 1) {
            throw ConfigError(texts_.front());
        }
        if (!texts_.empty()) {
            throw ConfigError(
                fmt::format("{} faults in the configuration:\n  {}", texts_.size(), fmt::join(texts_, "\n  ")));
        }
    }

  private:
    std::vector<std::string> texts_;
};

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
    return names;
}

std::vector<std::string> key_names(const std::string& section) {
    std::vector<std::string> names;
    for (const auto& binding : section_bindings()) {
        if (section_of(binding.key.name) == section) {
            names.push_back(short_name(binding.key.name));
        }
    }
    return names;
}

std::vector<std::string> action_key_names() {
    std::vector<std::string> names;
    for (const auto& binding : action_bindings()) {
        names.push_back(binding.key.name);
    }
    return names;
}

const KeyBinding<RunConfig>* find_binding(const std::string& key) {
    const auto found = std::ranges::find(section_bindings(), key, [](const auto& b) { return b.key.name; });
    return found == section_bindings().end() ? nullptr : &*found;
}

/// The key of that name in whichever section has one.
std::optional<std::string> key_elsewhere(const std::string& name) {
    const auto found =
        std::ranges::find(section_bindings(), name, [](const auto& b) { return short_name(b.key.name); });
    return found == section_bindings().end() ? std::nullopt : std::optional(found->key.name);
}

std::string remedy_for_unknown(const std::string& name, const std::string& section,
                               const std::vector<std::string>& known) {
    if (const auto nearest = nearest_name(name, known)) {
        return fmt::format("did you mean {}.{}?", section, *nearest);
    }
    if (const auto elsewhere = key_elsewhere(name)) {
        return fmt::format("did you mean {}?", *elsewhere);
    }
    return fmt::format("the keys of [{}] are {}", section, fmt::join(known, ", "));
}

/// Stores one value, or notes why not.
template <class Owner>
void store(const KeyBinding<Owner>& binding, const std::string& shown_name, const json& value,
           const ConfigSource& source, const std::string& pointer, Owner& owner, Faults& faults) {
    try {
        binding.store(owner, value);
        if (binding.is_path) {
            const std::filesystem::path path = value.get<std::string>();
            if (!path.empty() && path.is_relative()) {
                binding.store(owner, (source.folder / path).lexically_normal().string());
            }
        }
    } catch (const ValueFault& fault) {
        faults.add(fmt::format("{} {}", shown_name, fault.problem), source.place(pointer + fault.part), fault.remedy);
    }
}

/// What makes `none` more than nothing: the first key that is not at its default.
std::optional<std::string> first_effect(const Action& action) {
    for (const auto& binding : action_bindings()) {
        if (binding.key.name != "name" && binding.load(action) != binding.load(Action{})) {
            return binding.key.name;
        }
    }
    return std::nullopt;
}

void apply_actions(const json& list, const ConfigSource& source, RunConfig& config, Faults& faults) {
    if (!list.is_array() || !std::ranges::all_of(list, [](const json& entry) { return entry.is_object(); })) {
        faults.add(fmt::format("actions must be a list of tables, not {}", describe(list)), source.place("/actions"),
                   "write [[actions]] above each one");
        return;
    }
    config.actions.clear();
    std::set<std::string> names;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string pointer = fmt::format("/actions/{}", i);
        Action action;
        for (const auto& [name, value] : list[i].items()) {
            const std::string inner = pointer + "/" + name;
            const auto binding = std::ranges::find(action_bindings(), name, [](const auto& b) { return b.key.name; });
            if (binding == action_bindings().end()) {
                faults.add(fmt::format("unknown key actions.{}", name), source.place(inner),
                           remedy_for_unknown(name, "actions", action_key_names()));
            } else {
                store(*binding, "actions." + name, value, source, inner, action, faults);
            }
        }

        const std::string name_place = source.place(pointer + "/name");
        if (action.name.empty()) {
            faults.add("an action has no name", source.place(pointer), "give it one: name = \"..\"");
        } else if (std::ranges::any_of(action.name, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
            faults.add("the name of an action has a control character", name_place, "keep it to one line of text");
        } else if (!names.insert(action.name).second) {
            faults.add(fmt::format("two actions are called \"{}\"", action.name), name_place,
                       "give every action its own name");
        } else if (action.name == no_action) {
            if (const auto effect = first_effect(action)) {
                faults.add(fmt::format("the action \"none\" has {}", *effect), source.place(pointer + "/" + *effect),
                           "none means to do nothing; remove the key, or choose another name");
            }
            continue;
        }
        config.actions.push_back(std::move(action));
    }
    if (config.actions.size() > static_cast<std::size_t>(max_actions)) {
        faults.add(fmt::format("{} actions besides none", config.actions.size()), source.place("/actions"),
                   fmt::format("a run compares at most {}", max_actions));
    }
}

void apply_section(const std::string& section, const json& content, const ConfigSource& source, RunConfig& config,
                   Faults& faults) {
    const std::vector<std::string> known = key_names(section);
    for (const auto& [name, value] : content.items()) {
        const std::string key = fmt::format("{}.{}", section, name);
        const std::string pointer = fmt::format("/{}/{}", section, name);
        if (const auto* binding = find_binding(key)) {
            store(*binding, key, value, source, pointer, config, faults);
        } else {
            faults.add("unknown key " + key, source.place(pointer), remedy_for_unknown(name, section, known));
        }
    }
}

void apply(const ConfigSource& source, RunConfig& config, Faults& faults) {
    const std::vector<std::string> sections = section_names();
    for (const auto& [section, content] : source.values.items()) {
        const std::string place = source.place("/" + section);
        if (section == "actions") {
            apply_actions(content, source, config, faults);
        } else if (std::ranges::find(sections, section) == sections.end()) {
            std::string remedy = fmt::format("the sections are {}", fmt::join(sections, ", "));
            if (const auto elsewhere = key_elsewhere(section)) {
                remedy = fmt::format("did you mean {}?", *elsewhere);
            } else if (const auto nearest = nearest_name(section, sections)) {
                remedy = fmt::format("did you mean {}?", *nearest);
            }
            faults.add(fmt::format("unknown {} {}", content.is_object() ? "section" : "key", section), place, remedy);
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

template <class Owner>
json load_all(std::span<const KeyBinding<Owner>> bindings, const Owner& owner, bool only_statistical) {
    json values = json::object();
    for (const auto& binding : bindings) {
        json value = binding.load(owner);
        if (!value.is_null() && (binding.key.statistical || !only_statistical)) {
            values[binding.key.name] = std::move(value);
        }
    }
    return values;
}

std::string sha256_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw Error(ExitCode::internal, "SHA-256 is not available (OpenSSL): check the installation of libcrypto");
    }
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) {
        hex += fmt::format("{:02x}", digest[i]);
    }
    return hex;
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
        throw ConfigError(fmt::format("no key and value (--set {}): write --set section.key=value", argument));
    }
    return {std::string(key), std::string(trim(argument.substr(equals + 1))), fmt::format("--set {}", argument)};
}

RunConfig load_config(const ConfigSources& sources) {
    RunConfig config;
    Faults faults;
    if (!sources.file.empty()) {
        apply(read_config_file(sources.file), config, faults);
    }
    for (const Override& override : sources.overrides) {
        apply(read_override(override, keeps_text(override.key)), config, faults);
    }
    if (config.survival.alpha.has_value() != config.survival.beta.has_value()) {
        faults.add("only one of survival.alpha and survival.beta is given", sources.file,
                   "give both, or neither to fit them");
    }
    faults.throw_if_any();
    return config;
}

std::string config_as_json(const RunConfig& config) {
    json sections = json::object();
    for (const auto& binding : section_bindings()) {
        json value = binding.load(config);
        if (value.is_null()) {
            continue;
        }
        if (binding.is_path) {
            value = std::filesystem::absolute(value.get<std::string>()).lexically_normal().string();
        }
        sections[section_of(binding.key.name)][short_name(binding.key.name)] = std::move(value);
    }
    for (const Action& action : config.actions) {
        sections["actions"].push_back(load_all(action_bindings(), action, false));
    }
    return sections.dump(2, ' ', false, json::error_handler_t::replace);
}

std::string config_hash(const RunConfig& config) {
    json values = load_all(section_bindings(), config, true);
    for (const Action& action : config.actions) {
        values["actions"].push_back(load_all(action_bindings(), action, true));
    }
    // Keys are sorted and numbers shortest, so equal configurations have equal text.
    return sha256_hex(values.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace clv
