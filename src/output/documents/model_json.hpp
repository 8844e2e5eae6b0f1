#pragma once
// What every model.json is written with: numbers that read back as they were, and names for values.

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/input_text.hpp"
#include "clv/core/json_text.hpp"
#include "clv/core/magnitudes.hpp"
#include "clv/data/tables/fault.hpp"
#include "clv/math/covariance.hpp"
#include "clv/math/fit_status.hpp"
#include "clv/output/documents/formats.hpp"
#include "members.hpp"

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

/// What number() wrote.
[[nodiscard]] inline double as_number(const Members& object, std::string_view member) {
    const ordered_json& value = object.at(member);
    if (value.is_null()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return value == "infinity" ? std::numeric_limits<double>::infinity() : object.number(member);
}

/// A standard error; NaN where none is known.
[[nodiscard]] inline double as_error(const Members& object, std::string_view member, double largest) {
    return object.at(member).is_null() ? std::numeric_limits<double>::quiet_NaN()
                                       : object.number_within(member, 0.0, largest);
}

/// A name that no entry before it has.
[[nodiscard]] inline std::string new_name(const Members& entry, std::string_view member, std::set<std::string>& names) {
    std::string name = entry.text(member);
    if (!names.insert(name).second) {
        entry.refuse(member, fmt::format("is \"{}\", as that of an earlier entry", shortened(name)));
    }
    return name;
}

/// The numbers of a list; nothing unless there are `count`, all of them finite.
[[nodiscard]] inline std::optional<std::vector<double>> finite_numbers(const ordered_json& list, std::size_t count) {
    std::vector<double> values;
    if (!list.is_array() || list.size() != count) {
        return std::nullopt;
    }
    for (const ordered_json& value : list) {
        if (!value.is_number() || !std::isfinite(value.get<double>())) {
            return std::nullopt;
        }
        values.push_back(value.get<double>());
    }
    return values;
}

[[nodiscard]] inline std::vector<double> as_numbers(const Members& object, std::string_view member, std::size_t count) {
    auto values = finite_numbers(object.at(member), count);
    if (!values) {
        object.refuse(member, fmt::format("is no list of {} finite numbers", count));
    }
    return *std::move(values);
}

/// A covariance of `count` parameters.
[[nodiscard]] inline std::vector<std::vector<double>> as_covariance(const Members& object, std::string_view member,
                                                                    std::size_t count) {
    std::vector<std::vector<double>> rows;
    for (const ordered_json& row : object.list(member)) {
        rows.push_back(finite_numbers(row, count).value_or(std::vector<double>{}));
    }
    if (rows.size() != count || !is_covariance(rows)) {
        object.refuse(member, fmt::format("is no covariance of {0} parameters: {0} rows of {0} finite numbers, "
                                          "symmetric, and no combination of them with a variance below 0",
                                          count));
    }
    return rows;
}

using magnitudes::largest_parameter;
using magnitudes::smallest_parameter;

[[nodiscard]] inline bool is_parameter(double value) {
    return value >= smallest_parameter && value <= largest_parameter;
}

/// Whether a parameter of a purchase law can have the value. At covariates of 0, which may be far from everybody's, it
/// only has to be positive.
[[nodiscard]] inline bool is_parameter(double value, bool has_covariates) {
    return has_covariates ? value > 0.0 && std::isfinite(value) : is_parameter(value);
}

/// Whether parameter `i` can: the last two also where nobody drops out.
[[nodiscard]] inline bool is_parameter_or_limit(std::size_t i, double value, bool has_covariates) {
    const bool at_limit = (i == 2 && value == 0.0) || (i == 3 && value == std::numeric_limits<double>::infinity());
    return at_limit || is_parameter(value, has_covariates);
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
    try {
        return text_of_input(file);
    } catch (const UnreadableInput& fault) {
        throw InputError(
            fmt::format("{} cannot be read, it {}: name a model.json in input.model", file.string(), fault.reason()));
    }
}

/// What `read` makes of a model.json of this format. `name` stands for the file in messages, `command` for what makes
/// it again. Throws InputError.
template <class Read>
[[nodiscard]] auto parsed(const std::string& text, const std::string& name, std::string_view command, Read read) {
    try {
        const ordered_json root = parse_document(text);
        const Members members(root);
        if (members.at("format") != model_format && members.at("format") != covariate_contract_format) {
            throw InputError(fmt::format("its format is {}, and this program reads \"{}\" and \"{}\"",
                                         shortened(json_text(root.at("format"))), model_format,
                                         covariate_contract_format));
        }
        return read(members);
    } catch (const InputError& fault) {
        throw InputError(fmt::format("{} is no model.json, {}: make it with {}", name, fault.what(), command));
    }
}

/// The text of a model.json. Throws ModelError where `read` refuses it: no file is made that nobody can use.
template <class Read>
[[nodiscard]] std::string readable_text(const ordered_json& root, Read read) {
    std::string text = json_text(root, 2) + "\n";
    try {
        const ordered_json as_read = parse_document(text);
        static_cast<void>(read(Members(as_read)));
        return text;
    } catch (const InputError& fault) {
        throw ModelError(fmt::format(
            "the fitted model could not be simulated, {}: the input does not identify it; look for amounts, "
            "times or covariates that are all but 0 or very large",
            fault.what()));
    }
}

}  // namespace clv::model_json
