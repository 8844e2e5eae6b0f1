#pragma once
// What every model.json is written with: numbers that read back as they were, and names for values.

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "clv/core/errors.hpp"
#include "clv/models/fit_status.hpp"

namespace clv::model_json {

using nlohmann::ordered_json;

inline constexpr std::string_view format = "clvsim model 1";
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

}  // namespace clv::model_json
