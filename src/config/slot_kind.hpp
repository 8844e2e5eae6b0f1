#pragma once
// What the kinds of keys have in common. It knows what JSON is, so that only their own .cpp files include it.

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "key_kinds.hpp"

namespace clv::kinds {

[[nodiscard]] std::string with_unit(const std::string& text, std::string_view unit);

/// The fault of a value that is not `expected` at all.
[[nodiscard]] ValueFault wrong_type(const nlohmann::json& value, const std::string& expected,
                                    const std::string& part = "");

[[nodiscard]] AnyKey make_key(const Description& about, std::string_view type, std::string range,
                              std::shared_ptr<KeyKind> kind);

/// What kinds of keys share whose values one slot carries.
template <class Value>
class SlotKind : public KeyKind {
  public:
    explicit SlotKind(Slot<Value> slot) : slot_(slot) {}

  protected:
    void set(void* owner, Value value) const { slot_.set(owner, std::move(value)); }
    [[nodiscard]] std::optional<Value> get(const void* owner) const { return slot_.get(owner); }

  private:
    Slot<Value> slot_;
};

/// A kind whose values read back as they are.
template <class Value>
class PlainKind : public SlotKind<Value> {
  public:
    using SlotKind<Value>::SlotKind;
    [[nodiscard]] nlohmann::json load(const void* owner) const override {
        const std::optional<Value> value = this->get(owner);
        return value ? nlohmann::json(*value) : nlohmann::json();
    }
};

/// A kind whose values read back as they are, except that an empty value is an absent one.
template <class Value>
class EmptyIsAbsent : public SlotKind<Value> {
  public:
    using SlotKind<Value>::SlotKind;
    [[nodiscard]] nlohmann::json load(const void* owner) const override {
        const std::optional<Value> value = this->get(owner);
        return value && !value->empty() ? nlohmann::json(*value) : nlohmann::json();
    }
};

}  // namespace clv::kinds
