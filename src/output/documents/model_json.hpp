#pragma once
// What every model.json is written with: numbers that read back as they were, and names for values.

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "clv/core/errors.hpp"
#include "clv/math/fit_status.hpp"
#include "clv/output/documents/formats.hpp"

namespace clv::model_json {

using nlohmann::ordered_json;

inline constexpr std::array statuses{FitStatus::converged, FitStatus::at_bound, FitStatus::not_identified,
                                     FitStatus::not_converged};

/// JSON knows neither infinity nor NaN: "infinity" and null.
[[nodiscard]] inline ordered_json number(double value) {
    if (std::isnan(value)) {
        return nullptr;
    }
    return std::isinf(value) ? ordered_json("infinity") : ordered_json(value);
}

[[nodiscard]] inline double as_number(const ordered_json& value) {
    if (value.is_null()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return value == "infinity" ? std::numeric_limits<double>::infinity() : value.get<double>();
}

/// A parameter is there, and no less than 0.
[[nodiscard]] inline double as_parameter(const ordered_json& value) {
    const double parameter = as_number(value);
    if (!(parameter >= 0.0)) {
        throw InputError("a parameter is missing or below 0");
    }
    return parameter;
}

[[nodiscard]] inline ordered_json named(std::span<const std::string_view> names, std::span<const double> values) {
    ordered_json object;
    for (std::size_t i = 0; i < names.size(); ++i) {
        object[std::string(names[i])] = number(values[i]);
    }
    return object;
}

template <class Value, class List>
[[nodiscard]] Value chosen(const List& list, const std::string& name, std::string_view what) {
    for (const Value value : list) {
        if (to_string(value) == name) {
            return value;
        }
    }
    throw InputError(fmt::format("{} \"{}\" is unknown", what, name));
}

/// Throws InputError if the file cannot be read.
[[nodiscard]] inline std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) {
        throw InputError(fmt::format("{} cannot be read: name a model.json in input.model", file.string()));
    }
    return text;
}

/// What `read` makes of a model.json of this format. `name` stands for the file in messages, `command` for what makes
/// it again. Throws InputError.
template <class Read>
[[nodiscard]] auto parsed(const std::string& text, const std::string& name, std::string_view command, Read read) {
    try {
        const ordered_json root = ordered_json::parse(text);
        if (root.at("format") != model_format) {
            throw InputError(
                fmt::format("its format is {}, and this program reads \"{}\"", root.at("format").dump(), model_format));
        }
        return read(root);
    } catch (const InputError& fault) {
        throw InputError(fmt::format("{}: {}: make the file again with {}", name, fault.what(), command));
    } catch (const nlohmann::json::exception& fault) {
        throw InputError(fmt::format("{} is no model.json ({}): make it with `clv fit`", name, fault.what()));
    }
}

}  // namespace clv::model_json
