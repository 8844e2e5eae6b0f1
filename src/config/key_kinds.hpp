#pragma once
// The kinds of keys: one function each, which makes the KeyBinding of a member. What a kind does stands in
// number_kinds.cpp and text_kinds.cpp, once; the templates here only see to it that a key gets a slot of the right type
// and owner.

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "clv/core/magnitudes.hpp"
#include "clv/simulation/plan.hpp"
#include "key_binding.hpp"
#include "member_slot.hpp"

namespace clv::kinds {

struct Description {
    std::string_view name;
    std::string_view meaning{};
    std::string_view unit{};
    bool statistical = true;
};

/// Accepted numbers: from low to high, the ends included unless marked open.
struct Range {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    bool low_open = false;
    bool high_open = false;
    bool is_level = false;  ///< of a quantile or CVaR: few enough decimals to be read as the decimal it was written as

    [[nodiscard]] bool contains(double value) const noexcept;
    [[nodiscard]] std::string text() const;
};

inline constexpr Range share{.low = 0.0, .high = 1.0};
inline constexpr Range level{.low = 0.0, .high = 1.0, .low_open = true, .high_open = true, .is_level = true};
inline constexpr Range amount{.low = 0.0, .high = magnitudes::largest_amount};
inline constexpr Range total{.low = 0.0, .high = magnitudes::largest_total};
inline constexpr Range any_total{.low = -magnitudes::largest_total, .high = magnitudes::largest_total};
inline constexpr Range discount{.low = -0.5, .high = magnitudes::largest_rate};
inline constexpr Range factor{.low = 0.0, .high = magnitudes::largest_factor};
inline constexpr Range log_sd{.low = 0.0, .high = magnitudes::largest_log_sd};

/// Seeds go up to here, because no integer of TOML is larger.
inline constexpr std::int64_t largest_seed = std::numeric_limits<std::int64_t>::max();

/// A word, and the enumerator that it stands for.
using Words = std::vector<std::pair<std::string, int>>;
using Texts = std::vector<std::string>;
using TextsByName = std::map<std::string, std::string>;
using Day = std::chrono::sys_days;
using DayPair = std::pair<Day, Day>;

/// Which texts a key accepts: a description of them, and a check that throws ValueFault.
struct TextRule {
    std::string range{};  ///< for the table of keys; empty: every text
    void (*check)(const std::string& text) = nullptr;
};

namespace any {

[[nodiscard]] AnyKey integer(const Description& about, Slot<std::int64_t> slot, std::int64_t low, std::int64_t high);
[[nodiscard]] AnyKey number(const Description& about, Slot<double> slot, const Range& range);
[[nodiscard]] AnyKey boolean(const Description& about, Slot<bool> slot);
[[nodiscard]] AnyKey text(const Description& about, Slot<std::string> slot, const TextRule& rule);
[[nodiscard]] AnyKey path(const Description& about, Slot<std::string> slot);
[[nodiscard]] AnyKey day(const Description& about, Slot<Day> slot);
[[nodiscard]] AnyKey day_range(const Description& about, Slot<DayPair> slot);
[[nodiscard]] AnyKey word(const Description& about, Slot<std::string> slot, Texts words);
[[nodiscard]] AnyKey choice(const Description& about, Slot<int> slot, Words words);
[[nodiscard]] AnyKey choice_or_boolean(const Description& about, Slot<int> slot, Words words, int if_true,
                                       int if_false);
[[nodiscard]] AnyKey increasing_numbers(const Description& about, Slot<std::vector<double>> slot, const Range& range);
[[nodiscard]] AnyKey texts(const Description& about, Slot<Texts> slot);
[[nodiscard]] AnyKey paths(const Description& about, Slot<Texts> slot);
[[nodiscard]] AnyKey texts_by_name(const Description& about, Slot<TextsByName> slot, Texts names,
                                   bool (*is_known)(std::string_view), bool keeps_text);
[[nodiscard]] AnyKey multiplier(const Description& about, Slot<UncertainMultiplier> slot);
[[nodiscard]] AnyKey read_elsewhere(const Description& about, std::string_view type);

}  // namespace any

/// An integer from `low` to `high`. The last parameter of the template is the member's own type, here and below.
template <class Owner, class Integer>
[[nodiscard]] KeyBinding<Owner> integer(const Description& about, MemberSlot<Owner, std::int64_t, Integer> member,
                                        std::int64_t low, std::int64_t high) {
    return {any::integer(about, member.slot, low, high)};
}

template <class Owner, class Number>
[[nodiscard]] KeyBinding<Owner> number(const Description& about, MemberSlot<Owner, double, Number> member,
                                       const Range& range) {
    return {any::number(about, member.slot, range)};
}

template <class Owner>
[[nodiscard]] KeyBinding<Owner> boolean(const Description& about, MemberSlot<Owner, bool> member) {
    return {any::boolean(about, member.slot)};
}

/// Free text; empty is absent.
template <class Owner>
[[nodiscard]] KeyBinding<Owner> text(const Description& about, MemberSlot<Owner, std::string> member,
                                     const TextRule& rule = {}) {
    return {any::text(about, member.slot, rule)};
}

/// A file or folder. What it is called cannot change a result; what it holds is part of the hash of the input.
template <class Owner>
[[nodiscard]] KeyBinding<Owner> path(const Description& about, MemberSlot<Owner, std::string> member) {
    return {any::path(about, member.slot)};
}

/// A day, as 2011-12-09.
template <class Owner>
[[nodiscard]] KeyBinding<Owner> day(const Description& about, MemberSlot<Owner, Day> member) {
    return {any::day(about, member.slot)};
}

/// The first and the last of some days, at most a century apart.
template <class Owner>
[[nodiscard]] KeyBinding<Owner> day_range(const Description& about, MemberSlot<Owner, DayPair> member) {
    return {any::day_range(about, member.slot)};
}

/// One of a few words, which is kept as it is.
template <class Owner>
[[nodiscard]] KeyBinding<Owner> word(const Description& about, MemberSlot<Owner, std::string> member, Texts words) {
    return {any::word(about, member.slot, std::move(words))};
}

template <class Enum>
using Choices = std::initializer_list<std::pair<const char*, Enum>>;

template <class Enum>
[[nodiscard]] Words words_of(Choices<Enum> choices) {
    Words words;
    for (const auto& [name, value] : choices) {
        words.emplace_back(name, static_cast<int>(value));
    }
    return words;
}

/// One of a few words, each of which is an enumerator.
template <class Owner, class Enum>
[[nodiscard]] KeyBinding<Owner> choice(const Description& about, MemberSlot<Owner, int, Enum> member,
                                       Choices<std::type_identity_t<Enum>> choices) {
    return {any::choice(about, member.slot, words_of<Enum>(choices))};
}

/// One of a few words, each of which is an enumerator; true and false are short for two of them.
template <class Owner, class Enum>
[[nodiscard]] KeyBinding<Owner> choice_or_boolean(const Description& about, MemberSlot<Owner, int, Enum> member,
                                                  Choices<std::type_identity_t<Enum>> choices,
                                                  std::type_identity_t<Enum> if_true,
                                                  std::type_identity_t<Enum> if_false) {
    return {any::choice_or_boolean(about, member.slot, words_of<Enum>(choices), static_cast<int>(if_true),
                                   static_cast<int>(if_false))};
}

/// Numbers in strictly increasing order, at least one.
template <class Owner>
[[nodiscard]] KeyBinding<Owner> increasing_numbers(const Description& about,
                                                   MemberSlot<Owner, std::vector<double>> member, const Range& range) {
    return {any::increasing_numbers(about, member.slot, range)};
}

/// A list of texts; a single text is a list of one.
template <class Owner>
[[nodiscard]] KeyBinding<Owner> texts(const Description& about, MemberSlot<Owner, Texts> member) {
    return {any::texts(about, member.slot)};
}

/// A list of files; a single one is a list of one.
template <class Owner>
[[nodiscard]] KeyBinding<Owner> paths(const Description& about, MemberSlot<Owner, Texts> member) {
    return {any::paths(about, member.slot)};
}

/// Texts by name: NAME.x = "..", the name one of a closed set, of which `names` are shown and suggested. Unless
/// `keeps_text`, numbers and booleans are accepted too, and kept as their text.
template <class Owner>
[[nodiscard]] KeyBinding<Owner> texts_by_name(const Description& about, MemberSlot<Owner, TextsByName> member,
                                              Texts names, bool (*is_known)(std::string_view), bool keeps_text) {
    return {any::texts_by_name(about, member.slot, std::move(names), is_known, keeps_text)};
}

/// A factor: a number, or { median, log_sd, customer_log_sd } where it is not known exactly.
template <class Owner>
[[nodiscard]] KeyBinding<Owner> multiplier(const Description& about, MemberSlot<Owner, UncertainMultiplier> member) {
    return {any::multiplier(about, member.slot)};
}

/// A key that is known here for its description alone: something else reads its value.
template <class Owner>
[[nodiscard]] KeyBinding<Owner> read_elsewhere(const Description& about, std::string_view type) {
    return {any::read_elsewhere(about, type)};
}

}  // namespace clv::kinds
