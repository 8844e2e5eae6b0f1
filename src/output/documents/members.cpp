#include "members.hpp"

#include <cmath>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

constexpr std::string_view other_type = "is missing or of another type";

}  // namespace

Members::Members(const Json& object, std::string place) : object_(object), place_(std::move(place)) {
    if (!object_.is_object()) {
        throw InputError(place_.empty() ? std::string("it is no JSON object")
                                        : fmt::format("member \"{}\" {}", place_, other_type));
    }
}

std::string Members::place_of(std::string_view member) const {
    return place_.empty() ? std::string(member) : fmt::format("{}.{}", place_, member);
}

void Members::refuse(std::string_view member, std::string_view problem) const {
    throw InputError(fmt::format("member \"{}\" {}", place_of(member), problem));
}

bool Members::has(std::string_view member) const {
    const auto found = object_.find(member);
    return found != object_.end() && !found->is_null();
}

const Members::Json& Members::at(std::string_view member) const {
    const auto found = object_.find(member);
    if (found == object_.end()) {
        refuse(member, other_type);
    }
    return *found;
}

std::string Members::text(std::string_view member) const {
    const Json& value = at(member);
    if (!value.is_string()) {
        refuse(member, other_type);
    }
    return value.get<std::string>();
}

std::string Members::file(std::string_view member) const {
    std::string name = text(member);
    if (name.find('\0') != std::string::npos) {
        refuse(member, "has a NUL character, which no file has in its name");
    }
    return name;
}

bool Members::boolean(std::string_view member) const {
    const Json& value = at(member);
    if (!value.is_boolean()) {
        refuse(member, other_type);
    }
    return value.get<bool>();
}

double Members::number(std::string_view member) const {
    const Json& value = at(member);
    if (!value.is_number() || !std::isfinite(value.get<double>())) {
        refuse(member, value.is_number() ? "is not finite" : other_type);
    }
    return value.get<double>();
}

double Members::number_within(std::string_view member, double low, double high) const {
    const double value = number(member);
    if (value < low || value > high) {
        refuse(member, fmt::format("is {}, which is not from {} to {}", value, low, high));
    }
    return value;
}

std::uint64_t Members::whole(std::string_view member, std::uint64_t low, std::uint64_t high) const {
    const Json& value = at(member);
    if (!value.is_number_unsigned()) {
        refuse(member, value.is_number() ? "is no whole number of at least 0" : other_type);
    }
    const auto number = value.get<std::uint64_t>();
    if (number < low || number > high) {
        refuse(member, fmt::format("is {}, which is not from {} to {}", number, low, high));
    }
    return number;
}

const Members::Json& Members::list(std::string_view member) const {
    const Json& value = at(member);
    if (!value.is_array()) {
        refuse(member, other_type);
    }
    return value;
}

std::vector<std::string> Members::texts(std::string_view member) const {
    std::vector<std::string> texts;
    for (const Json& value : list(member)) {
        if (!value.is_string()) {
            refuse(member, "holds something other than texts");
        }
        texts.push_back(value.get<std::string>());
    }
    return texts;
}

std::vector<std::uint64_t> Members::counts(std::string_view member) const {
    std::vector<std::uint64_t> counts;
    for (const Json& value : list(member)) {
        if (!value.is_number_unsigned()) {
            refuse(member, "holds something other than counts");
        }
        counts.push_back(value.get<std::uint64_t>());
    }
    return counts;
}

std::vector<double> Members::amounts(std::string_view member) const {
    std::vector<double> amounts;
    for (const Json& value : list(member)) {
        if (!value.is_number() || !(value.get<double>() >= 0.0 && std::isfinite(value.get<double>()))) {
            refuse(member, "holds something other than amounts");
        }
        amounts.push_back(value.get<double>());
    }
    return amounts;
}

Members Members::inner(std::string_view member) const {
    return Members(at(member), place_of(member));
}

std::vector<Members> Members::objects(std::string_view member) const {
    std::vector<Members> objects;
    for (const Json& value : list(member)) {
        objects.emplace_back(value, fmt::format("{}[{}]", place_of(member), objects.size()));
    }
    return objects;
}

}  // namespace clv
