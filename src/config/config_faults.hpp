#pragma once
// Everything wrong with a configuration, gathered while its values are stored, so that one reading shows it all.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config_source.hpp"
#include "key_binding.hpp"

namespace clv {

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
    [[nodiscard]] std::string plural() const { return std::string(noun) + "s"; }
    /// "actions", "optimizer.limits"
    [[nodiscard]] std::string key() const {
        return section.empty() ? plural() : fmt::format("{}.{}", section, plural());
    }
};

/// Notes what is wrong with the name of a table at `pointer`, and otherwise adds it to `names`. True if it is sound.
bool take_name(const TableKind& kind, const std::string& name, const ConfigSource& source, const std::string& pointer,
               std::set<std::string>& names, Faults& faults);

/// True for a list of tables, at `pointer`; notes what it is otherwise.
bool check_is_list_of_tables(const TableKind& kind, const nlohmann::json& list, const ConfigSource& source,
                             const std::string& pointer, Faults& faults);

/// Stores one value, or notes why not.
template <class Owner>
void store(const KeyBinding<Owner>& binding, const std::string& shown_name, const nlohmann::json& value,
           const ConfigSource& source, const std::string& pointer, Owner& owner, Faults& faults) {
    try {
        binding.store(owner, value);
        if (binding.is_path) {
            const auto resolved = [&](const nlohmann::json& text) {
                const std::filesystem::path path = text.get<std::string>();
                return path.empty() || path.is_absolute() || is_in_memory(path.native())
                           ? path.string()
                           : (source.folder / path).lexically_normal().string();
            };
            nlohmann::json all = value;
            if (value.is_array()) {
                std::ranges::transform(value, all.begin(), resolved);
            } else {
                all = resolved(value);
            }
            binding.store(owner, all);
        }
    } catch (const ValueFault& fault) {
        faults.add(fmt::format("{} {}", shown_name, fault.problem), source.place(pointer + fault.part), fault.remedy);
    }
}

/// The key `name` of a table at `pointer`; null, and a fault, if tables of this kind have no such key.
template <class Owner>
[[nodiscard]] const KeyBinding<Owner>* find_in_table(std::span<const KeyBinding<Owner>> bindings, const TableKind& kind,
                                                     const std::string& name, const ConfigSource& source,
                                                     const std::string& pointer, Faults& faults) {
    const auto found = std::ranges::find(bindings, name, [](const auto& binding) { return binding.key.name; });
    if (found != bindings.end()) {
        return &*found;
    }
    std::vector<std::string> known;
    for (const auto& binding : bindings) {
        known.push_back(binding.key.name);
    }
    faults.add(fmt::format("unknown key {}.{}", kind.key(), name), source.place(pointer + "/" + name),
               remedy_for_unknown(name, kind.key(), known));
    return nullptr;
}

}  // namespace clv
