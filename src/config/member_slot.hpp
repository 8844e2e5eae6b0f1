#pragma once
// The way from a settings struct to one of its members, as two plain functions: one sets the member and one reads it.
// A few types carry the values of all members (every integer travels as std::int64_t, every choice as the int of its
// enumerator), so that a kind of key is compiled once, and not once for every member.

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include "clv/core/units.hpp"

namespace clv {

template <class Value>
struct Slot {
    void (*set)(void* owner, Value value);
    std::optional<Value> (*get)(const void* owner);  ///< nothing: the member is an empty optional
};

/// A slot that knows whose member it is, and the member's own type (of an optional, that of its value).
template <class Owner, class Value, class Member = Value>
struct MemberSlot {
    Slot<Value> slot;
};

template <class T>
struct Unwrapped {
    using type = T;
};
template <class T>
struct Unwrapped<std::optional<T>> {
    using type = T;
};

/// The type that carries the values of a member.
template <class Member>
using Carrier = std::conditional_t<
    std::is_same_v<Member, bool>, bool,
    std::conditional_t<std::is_enum_v<Member>, int,
                       std::conditional_t<std::is_integral_v<Member>, std::int64_t,
                                          std::conditional_t<std::is_same_v<Member, AnnualRate>, double, Member>>>>;

template <class Member>
[[nodiscard]] Carrier<Member> to_carrier(const Member& value) {
    if constexpr (std::is_same_v<Member, AnnualRate>) {
        return value.value;
    } else {
        return static_cast<Carrier<Member>>(value);
    }
}

template <class Member>
[[nodiscard]] Member from_carrier(Carrier<Member> value) {
    if constexpr (std::is_same_v<Member, AnnualRate>) {
        return AnnualRate{value};
    } else {
        return static_cast<Member>(std::move(value));
    }
}

template <class>
struct MemberPointer;
template <class T, class Class>
struct MemberPointer<T Class::*> {
    using Owner = Class;
};

/// The functions of a slot; `Pointers` lead from the owner to the member.
template <auto First, auto... Rest>
struct MemberFunctions {
    using Owner = typename MemberPointer<decltype(First)>::Owner;
    using Declared = std::remove_cvref_t<decltype(((std::declval<Owner&>().*First).*....*Rest))>;
    using Member = typename Unwrapped<Declared>::type;
    using Value = Carrier<Member>;

    static void set(void* owner, Value value) {
        ((static_cast<Owner*>(owner)->*First).*....*Rest) = from_carrier<Member>(std::move(value));
    }
    [[nodiscard]] static std::optional<Value> get(const void* owner) {
        const Declared& declared = ((static_cast<const Owner*>(owner)->*First).*....*Rest);
        if constexpr (std::is_same_v<Declared, Member>) {
            return to_carrier<Member>(declared);
        } else {
            return declared ? std::optional<Value>(to_carrier<Member>(*declared)) : std::nullopt;
        }
    }
};

/// at<&RunConfig::simulation, &SimulationSettings::paths> is the member of that name.
template <auto... Pointers>
inline constexpr MemberSlot<typename MemberFunctions<Pointers...>::Owner, typename MemberFunctions<Pointers...>::Value,
                            typename MemberFunctions<Pointers...>::Member>
    at{{&MemberFunctions<Pointers...>::set, &MemberFunctions<Pointers...>::get}};

}  // namespace clv
