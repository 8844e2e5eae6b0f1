// Kinds of keys whose values are numbers, or true or false.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "clv/core/json_text.hpp"
#include "clv/data/tables/fault.hpp"
#include "clv/risk/decimal_level.hpp"
#include "slot_kind.hpp"

namespace clv::kinds {

bool Range::contains(double value) const noexcept {
    return std::isfinite(value) && (low_open ? value > low : value >= low) &&
           (high_open ? value < high : value <= high);
}

std::string Range::text() const {
    const std::string below = std::isinf(low) ? "" : fmt::format("{} {}", low_open ? ">" : ">=", low);
    const std::string above = std::isinf(high) ? "" : fmt::format("{} {}", high_open ? "<" : "<=", high);
    return below + (below.empty() || above.empty() ? "" : " and ") + above +
           (is_level ? fmt::format(", at most {} decimals", DecimalLevel::most_decimals) : "");
}

namespace {

using nlohmann::json;

/// A finite number in the range. Minus zero is zero, so that it has one text.
double checked_number(const json& value, const Range& range, std::string_view unit, const std::string& part = "") {
    const std::string expected = with_unit(range.text().empty() ? "a number" : "a number " + range.text(), unit);
    if (!value.is_number()) {
        throw wrong_type(value, expected, part);
    }
    const auto number = value.get<double>();
    if (!range.contains(number)) {
        throw ValueFault{part, fmt::format("is {}, which is out of range", number),
                         "give a finite number" + with_unit(range.text().empty() ? "" : " " + range.text(), unit)};
    }
    if (range.is_level && !DecimalLevel::has_few_decimals(number)) {
        throw ValueFault{part, fmt::format("is {}, which has too many decimals", number),
                         "give a number" + with_unit(" " + range.text(), unit)};
    }
    return number + 0.0;
}

class IntegerKind final : public PlainKind<std::int64_t> {
  public:
    IntegerKind(Slot<std::int64_t> slot, std::int64_t low, std::int64_t high, std::string expected)
        : PlainKind(slot), low_(low), high_(high), expected_(std::move(expected)) {}
    void store(void* owner, const json& value) const override {
        if (!value.is_number_integer()) {
            throw wrong_type(value, expected_);
        }
        const bool too_large =
            value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(high_);
        if (too_large || value.get<std::int64_t>() < low_ || value.get<std::int64_t>() > high_) {
            throw ValueFault{"", fmt::format("is {}, which is out of range", shortened(json_text(value))),
                             "give " + expected_};
        }
        set(owner, value.get<std::int64_t>());
    }

  private:
    std::int64_t low_;
    std::int64_t high_;
    std::string expected_;
};

class NumberKind final : public PlainKind<double> {
  public:
    NumberKind(Slot<double> slot, const Range& range, std::string_view unit)
        : PlainKind(slot), range_(range), unit_(unit) {}
    void store(void* owner, const json& value) const override { set(owner, checked_number(value, range_, unit_)); }

  private:
    Range range_;
    std::string unit_;
};

class BooleanKind final : public PlainKind<bool> {
  public:
    using PlainKind::PlainKind;
    void store(void* owner, const json& value) const override {
        if (!value.is_boolean()) {
            throw wrong_type(value, "true or false");
        }
        set(owner, value.get<bool>());
    }
};

class IncreasingNumbersKind final : public PlainKind<std::vector<double>> {
  public:
    IncreasingNumbersKind(Slot<std::vector<double>> slot, const Range& range, std::string_view unit)
        : PlainKind(slot), range_(range), unit_(unit) {}
    void store(void* owner, const json& value) const override {
        if (!value.is_array()) {
            throw wrong_type(value, "a list of numbers, such as [0.05, 0.5, 0.95]");
        }
        if (value.empty()) {
            throw ValueFault{"", "is empty", "give at least one number"};
        }
        std::vector<double> numbers;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const std::string part = fmt::format("/{}", i);
            const double entry = checked_number(value[i], range_, unit_, part);
            if (!numbers.empty() && entry <= numbers.back()) {
                throw ValueFault{part, fmt::format("has {} after {}", entry, numbers.back()),
                                 "give numbers in strictly increasing order"};
            }
            numbers.push_back(entry);
        }
        set(owner, std::move(numbers));
    }

  private:
    Range range_;
    std::string unit_;
};

class MultiplierKind final : public SlotKind<UncertainMultiplier> {
  public:
    MultiplierKind(Slot<UncertainMultiplier> slot, std::string_view unit) : SlotKind(slot), unit_(unit) {}
    void store(void* owner, const json& value) const override {
        UncertainMultiplier multiplier;
        if (value.is_number()) {
            multiplier.median = checked_number(value, factor, unit_);
        } else if (value.is_object()) {
            const std::array<std::pair<std::string, double*>, 3> members{
                {{"median", &multiplier.median},
                 {"log_sd", &multiplier.log_sd},
                 {"customer_log_sd", &multiplier.customer_log_sd}}};
            for (const auto& [name, entry] : value.items()) {
                const auto member = std::ranges::find(members, name, [](const auto& m) { return m.first; });
                if (member == members.end()) {
                    throw ValueFault{"/" + name, "has the unknown key " + shortened(name),
                                     "it may have median, log_sd and customer_log_sd"};
                }
                *member->second = checked_number(entry, name == "median" ? factor : log_sd, "", "/" + name);
            }
        } else {
            throw wrong_type(value, "a number or a table { median, log_sd, customer_log_sd }");
        }
        set(owner, multiplier);
    }
    [[nodiscard]] json load(const void* owner) const override {
        const UncertainMultiplier multiplier = get(owner).value_or(UncertainMultiplier{});
        if (multiplier.is_certain()) {
            return multiplier.median;
        }
        return json{{"median", multiplier.median},
                    {"log_sd", multiplier.log_sd},
                    {"customer_log_sd", multiplier.customer_log_sd}};
    }

  private:
    std::string unit_;
};

}  // namespace

namespace any {

AnyKey integer(const Description& about, Slot<std::int64_t> slot, std::int64_t low, std::int64_t high) {
    std::string range = fmt::format("{} to {}", low, high);
    const std::string expected = with_unit("an integer from " + range, about.unit);
    return make_key(about, "integer", std::move(range), std::make_shared<IntegerKind>(slot, low, high, expected));
}

AnyKey number(const Description& about, Slot<double> slot, const Range& range) {
    return make_key(about, "number", range.text(), std::make_shared<NumberKind>(slot, range, about.unit));
}

AnyKey boolean(const Description& about, Slot<bool> slot) {
    return make_key(about, "true or false", "", std::make_shared<BooleanKind>(slot));
}

AnyKey increasing_numbers(const Description& about, Slot<std::vector<double>> slot, const Range& range) {
    return make_key(about, "list of numbers", "each " + range.text() + ", strictly increasing, at least one",
                    std::make_shared<IncreasingNumbersKind>(slot, range, about.unit));
}

AnyKey multiplier(const Description& about, Slot<UncertainMultiplier> slot) {
    return make_key(about, "number or { median, log_sd, customer_log_sd }", factor.text(),
                    std::make_shared<MultiplierKind>(slot, about.unit));
}

}  // namespace any

}  // namespace clv::kinds
