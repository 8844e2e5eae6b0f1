#pragma once
// The kinds of keys: one function each, which turns a member into a KeyBinding.
// `access` is a generic lambda from the owner to the member, const or not.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "clv/core/nearest_name.hpp"
#include "clv/simulation/plan.hpp"
#include "key_binding.hpp"

namespace clv::kinds {

using nlohmann::json;

struct Description {
    std::string name;
    std::string meaning{};
    std::string unit{};
    bool statistical = true;
};

/// Accepted numbers: from low to high, the ends included unless marked open.
struct Range {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    bool low_open = false;
    bool high_open = false;

    [[nodiscard]] bool contains(double value) const noexcept {
        return std::isfinite(value) && (low_open ? value > low : value >= low) &&
               (high_open ? value < high : value <= high);
    }
    [[nodiscard]] std::string text() const {
        const std::string below = std::isinf(low) ? "" : fmt::format("{} {}", low_open ? ">" : ">=", low);
        const std::string above = std::isinf(high) ? "" : fmt::format("{} {}", high_open ? "<" : "<=", high);
        return below + (below.empty() || above.empty() ? "" : " and ") + above;
    }
};

inline constexpr Range any_number{};
inline constexpr Range at_least_zero{.low = 0.0};
inline constexpr Range above_zero{.low = 0.0, .low_open = true};
inline constexpr Range share{.low = 0.0, .high = 1.0};
inline constexpr Range inner_share{.low = 0.0, .high = 1.0, .low_open = true, .high_open = true};

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

/// A member as JSON; an empty optional is absent.
template <class T>
[[nodiscard]] json member_as_json(const T& member) {
    if constexpr (is_optional<T>::value) {
        return member ? json(*member) : json();
    } else {
        return member;
    }
}

[[nodiscard]] inline std::string with_unit(const std::string& text, const std::string& unit) {
    return unit.empty() ? text : fmt::format("{} ({})", text, unit);
}

[[nodiscard]] inline ValueFault wrong_type(const json& value, const std::string& expected, std::string part = "") {
    return {std::move(part), fmt::format("must be {}, not {}", expected, describe(value)), "give " + expected};
}

/// A finite number in the range. Minus zero is zero, so that it has one text.
[[nodiscard]] inline double checked_number(const json& value, const Range& range, const std::string& unit,
                                           const std::string& part = "") {
    const std::string expected = with_unit(range.text().empty() ? "a number" : "a number " + range.text(), unit);
    if (!value.is_number()) {
        throw wrong_type(value, expected, part);
    }
    const auto number = value.get<double>();
    if (!range.contains(number)) {
        throw ValueFault{part, fmt::format("is {}, which is out of range", number),
                         "give a finite number" + with_unit(range.text().empty() ? "" : " " + range.text(), unit)};
    }
    return number + 0.0;
}

[[nodiscard]] inline std::string checked_text(const json& value, const std::string& part = "") {
    if (!value.is_string()) {
        throw wrong_type(value, "text in quotes", part);
    }
    return value.get<std::string>();
}

template <class Owner, class Access>
[[nodiscard]] KeyBinding<Owner> integer(Description about, Access access, std::int64_t low, std::int64_t high) {
    const std::string range = fmt::format("{} to {}", low, high);
    const std::string expected = with_unit("an integer from " + range, about.unit);
    KeyBinding<Owner> binding;
    binding.key = {about.name, "integer", about.unit, "", range, about.meaning, about.statistical};
    binding.store = [=](Owner& owner, const json& value) {
        if (!value.is_number_integer()) {
            throw wrong_type(value, expected);
        }
        const bool too_large =
            value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(high);
        if (too_large || value.get<std::int64_t>() < low || value.get<std::int64_t>() > high) {
            throw ValueFault{"", fmt::format("is {}, which is out of range", value.dump()), "give " + expected};
        }
        auto& member = access(owner);
        using Member = std::remove_reference_t<decltype(member)>;
        if constexpr (is_optional<Member>::value) {
            member = static_cast<typename Member::value_type>(value.get<std::int64_t>());
        } else {
            member = static_cast<Member>(value.get<std::int64_t>());
        }
    };
    binding.load = [=](const Owner& owner) { return member_as_json(access(owner)); };
    return binding;
}

template <class Owner, class Access>
[[nodiscard]] KeyBinding<Owner> number(Description about, Access access, Range range) {
    KeyBinding<Owner> binding;
    binding.key = {about.name, "number", about.unit, "", range.text(), about.meaning, about.statistical};
    binding.store = [=](Owner& owner, const json& value) { access(owner) = checked_number(value, range, about.unit); };
    binding.load = [=](const Owner& owner) { return member_as_json(access(owner)); };
    return binding;
}

template <class Owner, class Access>
[[nodiscard]] KeyBinding<Owner> boolean(Description about, Access access) {
    KeyBinding<Owner> binding;
    binding.key = {about.name, "true or false", about.unit, "", "", about.meaning, about.statistical};
    binding.store = [=](Owner& owner, const json& value) {
        if (!value.is_boolean()) {
            throw wrong_type(value, "true or false");
        }
        access(owner) = value.get<bool>();
    };
    binding.load = [=](const Owner& owner) { return member_as_json(access(owner)); };
    return binding;
}

/// Free text; empty is absent.
template <class Owner, class Access>
[[nodiscard]] KeyBinding<Owner> text(Description about, Access access) {
    KeyBinding<Owner> binding;
    binding.key = {about.name, "text", about.unit, "", "", about.meaning, about.statistical};
    binding.keeps_text = true;
    binding.store = [=](Owner& owner, const json& value) { access(owner) = checked_text(value); };
    binding.load = [=](const Owner& owner) { return access(owner).empty() ? json() : json(access(owner)); };
    return binding;
}

/// A file or folder. What it is called cannot change a result; what it holds is part of the hash of the input.
template <class Owner, class Access>
[[nodiscard]] KeyBinding<Owner> path(Description about, Access access) {
    about.statistical = false;
    KeyBinding<Owner> binding = text<Owner>(std::move(about), access);
    binding.key.type = "path";
    binding.is_path = true;
    return binding;
}

/// One of a few words. `Value` is the member's type, or that of its optional.
template <class Value>
using Choices = std::vector<std::pair<std::string, Value>>;

template <class Owner, class Access, class Value>
[[nodiscard]] KeyBinding<Owner> choice(Description about, Access access, Choices<Value> choices) {
    std::vector<std::string> names;
    for (const auto& [name, value] : choices) {
        names.push_back(name);
    }
    const std::string range = fmt::format("{}", fmt::join(names, ", "));
    KeyBinding<Owner> binding;
    binding.key = {about.name, "choice", about.unit, "", range, about.meaning, about.statistical};
    binding.keeps_text = true;
    binding.store = [=](Owner& owner, const json& value) {
        if (!value.is_string()) {
            throw wrong_type(value, "one of " + range);
        }
        const auto wanted = value.get<std::string>();
        const auto found = std::ranges::find(choices, wanted, [](const auto& entry) { return entry.first; });
        if (found == choices.end()) {
            throw ValueFault{"", fmt::format("is \"{}\", which is not a choice", wanted), "give one of " + range};
        }
        access(owner) = found->second;
    };
    binding.load = [=](const Owner& owner) {
        for (const auto& [name, value] : choices) {
            if (access(owner) == value) {
                return json(name);
            }
        }
        return json();
    };
    return binding;
}

/// Numbers in strictly increasing order, at least one.
template <class Owner, class Access>
[[nodiscard]] KeyBinding<Owner> increasing_numbers(Description about, Access access, Range range) {
    const std::string accepted = "each " + range.text() + ", strictly increasing, at least one";
    KeyBinding<Owner> binding;
    binding.key = {about.name, "list of numbers", about.unit, "", accepted, about.meaning, about.statistical};
    binding.store = [=](Owner& owner, const json& value) {
        if (!value.is_array()) {
            throw wrong_type(value, "a list of numbers, such as [0.05, 0.5, 0.95]");
        }
        if (value.empty()) {
            throw ValueFault{"", "is empty", "give at least one number"};
        }
        std::vector<double> numbers;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const std::string part = fmt::format("/{}", i);
            const double entry = checked_number(value[i], range, about.unit, part);
            if (!numbers.empty() && entry <= numbers.back()) {
                throw ValueFault{part, fmt::format("has {} after {}", entry, numbers.back()),
                                 "give numbers in strictly increasing order"};
            }
            numbers.push_back(entry);
        }
        access(owner) = std::move(numbers);
    };
    binding.load = [=](const Owner& owner) { return json(access(owner)); };
    return binding;
}

/// A list of texts; a single text is a list of one.
template <class Owner, class Access>
[[nodiscard]] KeyBinding<Owner> texts(Description about, Access access) {
    KeyBinding<Owner> binding;
    binding.key = {about.name, "list of texts", about.unit, "", "", about.meaning, about.statistical};
    binding.store = [=](Owner& owner, const json& value) {
        std::vector<std::string> entries;
        if (value.is_string()) {
            entries.push_back(value.get<std::string>());
        } else if (value.is_array()) {
            for (std::size_t i = 0; i < value.size(); ++i) {
                entries.push_back(checked_text(value[i], fmt::format("/{}", i)));
            }
        } else {
            throw wrong_type(value, "a list of texts, such as [\"a\", \"b\"]");
        }
        access(owner) = std::move(entries);
    };
    binding.load = [=](const Owner& owner) { return access(owner).empty() ? json() : json(access(owner)); };
    return binding;
}

/// A list of files; a single one is a list of one.
template <class Owner, class Access>
[[nodiscard]] KeyBinding<Owner> paths(Description about, Access access) {
    about.statistical = false;
    KeyBinding<Owner> binding = texts<Owner>(std::move(about), access);
    binding.key.type = "list of paths";
    binding.is_path = true;
    return binding;
}

/// Texts by name: NAME.x = "..", the name one of a closed set. Numbers and booleans are kept as their text.
template <class Owner, class Access, class IsKnown>
[[nodiscard]] KeyBinding<Owner> texts_by_name(Description about, Access access, std::vector<std::string> names,
                                              IsKnown is_known, bool keeps_text) {
    KeyBinding<Owner> binding;
    binding.key = {about.name,
                   keeps_text ? "text" : "text or number",
                   about.unit,
                   "",
                   fmt::format("NAME: {} ..", fmt::join(names, ", ")),
                   about.meaning,
                   about.statistical};
    binding.is_open = true;
    binding.keeps_text = keeps_text;
    binding.store = [=](Owner& owner, const json& value) {
        if (!value.is_object()) {
            throw wrong_type(value, "a table of names, such as { margin = \"..\" }");
        }
        for (const auto& [name, entry] : value.items()) {
            const std::string part = "/" + name;
            if (!is_known(name)) {
                const auto nearest = nearest_name(name, names);
                throw ValueFault{part, fmt::format("has no column {}", name),
                                 nearest ? fmt::format("did you mean {}?", *nearest)
                                         : fmt::format("the columns are {}", fmt::join(names, ", "))};
            }
            if (entry.is_string()) {
                access(owner)[name] = entry.template get<std::string>();
            } else if (!keeps_text && (entry.is_number() || entry.is_boolean())) {
                access(owner)[name] = entry.dump();
            } else {
                throw wrong_type(entry, keeps_text ? "text in quotes" : "text in quotes or a number", part);
            }
        }
    };
    binding.load = [=](const Owner& owner) { return access(owner).empty() ? json() : json(access(owner)); };
    return binding;
}

/// A factor: a number, or { median, log_sd, customer_log_sd } where it is not known exactly.
template <class Owner, class Access>
[[nodiscard]] KeyBinding<Owner> multiplier(Description about, Access access) {
    KeyBinding<Owner> binding;
    binding.key = {about.name,           "number or { median, log_sd, customer_log_sd }",
                   about.unit,           "",
                   at_least_zero.text(), about.meaning,
                   about.statistical};
    binding.store = [=](Owner& owner, const json& value) {
        UncertainMultiplier factor;
        if (value.is_number()) {
            factor.median = checked_number(value, at_least_zero, about.unit);
        } else if (value.is_object()) {
            const std::array<std::pair<std::string, double*>, 3> members{
                {{"median", &factor.median}, {"log_sd", &factor.log_sd}, {"customer_log_sd", &factor.customer_log_sd}}};
            for (const auto& [name, entry] : value.items()) {
                const auto member = std::ranges::find(members, name, [](const auto& m) { return m.first; });
                if (member == members.end()) {
                    throw ValueFault{"/" + name, "has the unknown key " + name,
                                     "it may have median, log_sd and customer_log_sd"};
                }
                *member->second = checked_number(entry, at_least_zero, "", "/" + name);
            }
        } else {
            throw wrong_type(value, "a number or a table { median, log_sd, customer_log_sd }");
        }
        access(owner) = factor;
    };
    binding.load = [=](const Owner& owner) {
        const UncertainMultiplier& factor = access(owner);
        if (factor.is_certain()) {
            return json(factor.median);
        }
        return json{{"median", factor.median}, {"log_sd", factor.log_sd}, {"customer_log_sd", factor.customer_log_sd}};
    };
    return binding;
}

}  // namespace clv::kinds
