#pragma once
// A key of the table bound to its member: how a value is checked and stored, and how it is read back. Values travel as
// JSON, whatever they came from. Only .cpp files need to know what JSON is: it is slow to compile.

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/config/keys.hpp"

namespace clv {

struct Action;
struct PlanLimit;
struct RunConfig;
struct Scenario;

/// A value that a key refuses. `part` points into the value ("/1/median"), for its place in the file.
struct ValueFault {
    std::string part;
    std::string problem;  ///< continues the key's name: "is 0"
    std::string remedy;   ///< "give an integer from 1 to 120 months"
};

/// How the values of a key are checked, stored in its member and read back. The owner of the member has the type of the
/// KeyBinding.
class KeyKind {
  public:
    KeyKind() = default;
    KeyKind(const KeyKind&) = delete;
    KeyKind& operator=(const KeyKind&) = delete;
    virtual ~KeyKind() = default;
    /// Throws ValueFault.
    virtual void store(void* owner, const nlohmann::json& value) const = 0;
    /// Null if the value is absent.
    [[nodiscard]] virtual nlohmann::json load(const void* owner) const = 0;
};

/// A key of any owner.
struct AnyKey {
    ConfigKey key;
    std::shared_ptr<const KeyKind> kind;
    bool keeps_text = false;  ///< --set keeps the value as it was typed: 2024 is a fine folder name
    bool is_path = false;
    bool is_open = false;  ///< the keys below it are names: input.columns.NAME
};

/// A key of one owner. The functions are compiled in keys.cpp, for every owner that has keys.
template <class Owner>
struct KeyBinding : AnyKey {
    /// Throws ValueFault.
    void store(Owner& owner, const nlohmann::json& value) const;
    /// Null if the value is absent.
    [[nodiscard]] nlohmann::json load(const Owner& owner) const;
};

/// Keys of the sections, with full names ("simulation.paths").
[[nodiscard]] std::span<const KeyBinding<RunConfig>> section_bindings();

/// Keys of one action, with short names ("cost").
[[nodiscard]] std::span<const KeyBinding<Action>> action_bindings();

/// Keys of one scenario, with short names; each takes a single value.
[[nodiscard]] std::span<const KeyBinding<Scenario>> scenario_bindings();

/// Keys of one of the optimizer's limits, with short names.
[[nodiscard]] std::span<const KeyBinding<PlanLimit>> limit_bindings();

struct SectionHeading {
    std::string_view name;  ///< "simulation", "optimizer.limits"
    std::string_view meaning;
    bool is_list = false;  ///< of tables
};

/// The sections in their order, and then the lists of tables.
[[nodiscard]] std::vector<SectionHeading> section_headings();

/// "the text "abc"", "a list", ..: what a value is, for messages.
[[nodiscard]] std::string describe(const nlohmann::json& value);

}  // namespace clv
