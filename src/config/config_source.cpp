#include "config_source.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>
#include <system_error>

#include "clv/core/errors.hpp"
#include "clv/core/input_text.hpp"
#include "clv/core/json_text.hpp"
#include "clv/data/tables/fault.hpp"

namespace clv {

namespace {

using nlohmann::json;

std::string place_of(const std::string& file, const toml::source_region& region) {
    return fmt::format("{}:{}:{}", file, region.begin.line, region.begin.column);
}

/// Copies a TOML value to JSON and notes the place of everything in it. Dates become text.
json convert(const toml::node& node, const std::string& pointer, ConfigSource& source) {
    if (const auto* table = node.as_table()) {
        json object = json::object();
        for (const auto& [key, value] : *table) {
            const std::string inner = fmt::format("{}/{}", pointer, key.str());
            source.places[inner] = place_of(source.name, key.source());
            object[std::string(key.str())] = convert(value, inner, source);
        }
        return object;
    }
    if (const auto* array = node.as_array()) {
        json list = json::array();
        for (const auto& value : *array) {
            const std::string inner = fmt::format("{}/{}", pointer, list.size());
            source.places[inner] = place_of(source.name, value.source());
            list.push_back(convert(value, inner, source));
        }
        return list;
    }
    if (const auto* text = node.as_string()) {
        return text->get();
    }
    if (const auto* integer = node.as_integer()) {
        return integer->get();
    }
    if (const auto* number = node.as_floating_point()) {
        return number->get();
    }
    if (const auto* boolean = node.as_boolean()) {
        return boolean->get();
    }
    std::ostringstream date;
    if (const auto* day = node.as_date()) {
        date << day->get();
    } else if (const auto* time = node.as_time()) {
        date << time->get();
    } else if (const auto* both = node.as_date_time()) {
        date << both->get();
    }
    return date.str();
}

/// Throws ConfigError where values or keys are nested too deep to be parsed.
void require_shallow(std::string_view text, std::string_view place) {
    if (nests_too_deep(text)) {
        throw ConfigError(
            fmt::format("lists, tables and dotted keys stand in each other more than {} deep ({}): no key of the "
                        "configuration does, write section.key = value",
                        deepest_nesting, place));
    }
}

/// The content of a file. Messages call it `what`.
std::string read_text(const std::string& file, std::string_view what) {
    const auto refuse = [&](const std::string& reason) {
        return ConfigError(fmt::format("cannot read {} ({}): {}", what, file, reason));
    };
    std::error_code unknown;
    if (std::filesystem::is_directory(file, unknown)) {
        throw refuse("it is a folder; name the .toml file in it");
    }
    std::string text;
    try {
        text = text_of_input(file);
    } catch (const UnreadableInput& fault) {
        throw refuse("it " + fault.reason());
    }
    require_shallow(text, file);
    return text;
}

/// The values of a TOML file, with their places from `pointer` on.
json parse_toml(const std::string& file, const std::string& text, const std::string& pointer, ConfigSource& source) {
    try {
        return convert(toml::parse(text, file), pointer, source);
    } catch (const toml::parse_error& error) {
        throw ConfigError(fmt::format("{} ({}): correct the TOML there; a key may stand only once", error.description(),
                                      place_of(file, error.source())));
    }
}

/// Puts the keys of the file that an action names in the place of its key `file`. Keys beside it win.
void include_action_file(const std::string& pointer, json& action, ConfigSource& source) {
    const json name = action.at("file");
    const std::string place = source.place(pointer + "/file");
    if (!name.is_string() || name.get_ref<const std::string&>().empty()) {
        throw ConfigError(fmt::format("actions.file is {} ({}): give the path of the file, in quotes",
                                      shortened(json_text(name)), place));
    }
    ConfigSource included;
    included.name = (source.folder / name.get<std::string>()).lexically_normal().string();
    const std::string text = read_text(included.name, fmt::format("the action that {} names", place));
    source.files.push_back({"actions.file", included.name});
    const json keys = parse_toml(included.name, text, pointer, included);
    if (keys.contains("file")) {
        throw ConfigError(fmt::format("an action file names another one ({}): write the action's keys there",
                                      included.place(pointer + "/file")));
    }
    action.erase("file");
    std::erase_if(included.places, [&](const auto& entry) {
        const std::string key = entry.first.substr(pointer.size() + 1);
        return action.contains(key.substr(0, key.find('/')));
    });
    source.places.merge(included.places);
    for (const auto& [key, value] : keys.items()) {
        if (!action.contains(key)) {
            action[key] = value;
        }
    }
}

void include_action_files(ConfigSource& source) {
    if (!source.values.contains("actions") || !source.values["actions"].is_array()) {
        return;
    }
    json& actions = source.values["actions"];
    for (std::size_t i = 0; i < actions.size(); ++i) {
        if (actions[i].is_object() && actions[i].contains("file")) {
            include_action_file(fmt::format("/actions/{}", i), actions[i], source);
        }
    }
}

json parse_run_json(const std::string& file, const std::string& text) {
    const auto refuse = [&](std::string_view problem) {
        return ConfigError(fmt::format(
            "not the run.json of a run ({}: {}): give a TOML file, or the run.json that a run wrote", file, problem));
    };
    json run;
    try {
        run = parse_document(text);
    } catch (const InputError& fault) {
        throw refuse(fault.what());
    }
    if (!run.is_object() || !run.contains("config") || !run["config"].is_object()) {
        throw refuse("its member \"config\" is missing");
    }
    return std::move(run["config"]);
}

}  // namespace

std::string ConfigSource::place(std::string_view pointer) const {
    while (!pointer.empty()) {
        if (const auto found = places.find(std::string(pointer)); found != places.end()) {
            return found->second;
        }
        pointer = pointer.substr(0, pointer.rfind('/'));
    }
    return name;
}

ConfigSource read_config_file(const std::string& file) {
    if (file.ends_with(".csv")) {
        throw ConfigError(
            fmt::format("a CSV file is no configuration ({0}): give it as input, --set input.customers={0}", file));
    }
    const std::string text = read_text(file, "the configuration");
    ConfigSource source;
    source.name = file;
    source.folder = std::filesystem::path(file).parent_path();
    source.files.push_back({"config", file});
    if (file.ends_with(".json")) {
        source.values = parse_run_json(file, text);
    } else {
        source.values = parse_toml(file, text, "", source);
    }
    include_action_files(source);
    return source;
}

ConfigSource read_toml_file(const std::string& file, std::string_view what) {
    const std::string text = read_text(file, what);
    ConfigSource source;
    source.name = file;
    source.values = parse_toml(file, text, "", source);
    return source;
}

ConfigSource read_config_text(const ConfigText& config) {
    ConfigSource source;
    source.name = config.name;
    require_shallow(config.text, config.name);
    if (config.is_json) {
        const auto refuse = [&](std::string_view problem) {
            return ConfigError(
                fmt::format("not JSON of sections ({}: {}): give a table of tables", config.name, problem));
        };
        try {
            source.values = parse_document(config.text);
        } catch (const InputError& fault) {
            throw refuse(fault.what());
        }
        if (!source.values.is_object()) {
            throw refuse("it is no JSON object");
        }
    } else {
        source.values = parse_toml(config.name, config.text, "", source);
    }
    include_action_files(source);
    return source;
}

ConfigSource read_override(const Override& override, bool keeps_text) {
    ConfigSource source;
    source.name = shortened(override.origin, longest_origin);
    for (const std::string& part : {override.key, "value = " + override.value}) {
        require_shallow(part, shortened(override.origin));
    }
    json value = override.value;
    try {
        const toml::table parsed = toml::parse("value = " + override.value);
        const toml::node& node = *parsed.get("value");
        const bool is_text_as_typed = keeps_text && node.is_value() && !node.is_string();
        if (parsed.size() == 1 && !is_text_as_typed) {
            ConfigSource scratch;  // the places inside an argument would only confuse
            value = convert(node, "", scratch);
        }
    } catch (const toml::parse_error&) {
        // What is no TOML value is a bare string, but for numbers as people type them: .5, 1.
        double number = 0.0;
        const char* end = override.value.data() + override.value.size();
        if (!keeps_text && std::from_chars(override.value.data(), end, number).ptr == end && std::isfinite(number)) {
            value = number;
        }
    }

    std::string_view key = override.key;
    while (!key.empty()) {
        const std::size_t dot = key.rfind('.');
        const std::size_t begin = dot == std::string_view::npos ? 0 : dot + 1;
        value = json{{std::string(key.substr(begin)), std::move(value)}};
        key = key.substr(0, dot == std::string_view::npos ? 0 : dot);
    }
    source.values = std::move(value);
    include_action_files(source);
    return source;
}

}  // namespace clv
