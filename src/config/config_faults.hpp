#pragma once
// Everything wrong with a configuration, gathered while its values are stored, so that one reading shows it all.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "key_binding.hpp"

namespace clv {

struct ConfigSource;

class Faults {
  public:
    void add(const std::string& problem, const std::string& place, const std::string& remedy);
    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }
    /// Throws ConfigError with every fault, if there is one.
    void throw_if_any() const;

  private:
    std::vector<std::string> texts_;
};

/// The remedy for a key that `section` does not have: the nearest of `known`, the same key elsewhere, or all of them.
[[nodiscard]] std::string remedy_for_unknown(const std::string& name, const std::string& section,
                                             const std::vector<std::string>& known);

/// The key of that name in whichever section has one.
[[nodiscard]] std::optional<std::string> key_elsewhere(const std::string& name);

/// What a list of tables is made of. The list is called like its entries with an s: [[actions]].
struct TableKind {
    std::string_view article;       ///< "an"
    std::string_view noun;          ///< "action"
    std::string_view section = {};  ///< that the list is in: "optimizer"
    [[nodiscard]] std::string plural() const;
    /// "actions", "optimizer.limits"
    [[nodiscard]] std::string key() const;
};

/// Notes what is wrong with the name of a table at `pointer`, and otherwise adds it to `names`. True if it is sound.
bool take_name(const TableKind& kind, const std::string& name, const ConfigSource& source, const std::string& pointer,
               std::set<std::string>& names, Faults& faults);

/// True if `list`, which stands at `pointer`, is a list of tables; otherwise notes what it is.
bool check_is_list_of_tables(const TableKind& kind, const nlohmann::json& list, const ConfigSource& source,
                             const std::string& pointer, Faults& faults);

/// Stores one value, or notes why not. `shown_name` is the key's name in messages.
void store_any(const AnyKey& key, const std::string& shown_name, const nlohmann::json& value,
               const ConfigSource& source, const std::string& pointer, void* owner, Faults& faults);

template <class Owner>
void store(const KeyBinding<Owner>& binding, const std::string& shown_name, const nlohmann::json& value,
           const ConfigSource& source, const std::string& pointer, Owner& owner, Faults& faults) {
    store_any(binding, shown_name, value, source, pointer, &owner, faults);
}

/// Notes that tables of this kind, one of them at `pointer`, have no key of that name, but the keys `known`.
void add_unknown_key(const TableKind& kind, const std::string& name, const std::vector<std::string>& known,
                     const ConfigSource& source, const std::string& pointer, Faults& faults);

/// The key `name` of a table at `pointer`; null, and a fault, if tables of this kind have no such key.
template <class Owner>
[[nodiscard]] const KeyBinding<Owner>* find_in_table(std::span<const KeyBinding<Owner>> bindings, const TableKind& kind,
                                                     const std::string& name, const ConfigSource& source,
                                                     const std::string& pointer, Faults& faults) {
    std::vector<std::string> known;
    for (const KeyBinding<Owner>& binding : bindings) {
        if (binding.key.name == name) {
            return &binding;
        }
        known.push_back(binding.key.name);
    }
    add_unknown_key(kind, name, known, source, pointer, faults);
    return nullptr;
}

}  // namespace clv
