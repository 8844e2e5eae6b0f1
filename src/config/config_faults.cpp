#include "config_faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "clv/core/errors.hpp"
#include "clv/core/nearest_name.hpp"
#include "clv/data/tables/fault.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "config_source.hpp"

namespace clv {

void Faults::add(const std::string& problem, const std::string& place, const std::string& remedy) {
    constexpr std::size_t longest_remedy = 1'000;  // one that lists what there is
    const std::string what_to_do = shortened(remedy, longest_remedy);
    texts_.push_back(place.empty() ? fmt::format("{}: {}", problem, what_to_do)
                                   : fmt::format("{} ({}): {}", problem, place, what_to_do));
}

void Faults::throw_if_any() const {
    if (texts_.size() == 1) {
        throw ConfigError(texts_.front());
    }
    if (!texts_.empty()) {
        constexpr std::size_t most_shown = 50;
        const std::size_t shown = std::min(texts_.size(), most_shown);
        throw ConfigError(fmt::format(
            "{} faults in the configuration:\n  {}{}", texts_.size(), fmt::join(std::span(texts_).first(shown), "\n  "),
            shown < texts_.size() ? fmt::format("\n  and {} more", texts_.size() - shown) : ""));
    }
}

std::string TableKind::plural() const {
    return std::string(noun) + "s";
}

std::string TableKind::key() const {
    return section.empty() ? plural() : fmt::format("{}.{}", section, plural());
}

std::optional<std::string> key_elsewhere(const std::string& name) {
    const auto found = std::ranges::find(section_bindings(), name, [](const auto& binding) {
        return binding.key.name.substr(binding.key.name.find('.') + 1);
    });
    return found == section_bindings().end() ? std::nullopt : std::optional(found->key.name);
}

std::string remedy_for_unknown(const std::string& name, const std::string& section,
                               const std::vector<std::string>& known) {
    if (const auto nearest = nearest_name(name, known)) {
        return fmt::format("did you mean {}.{}?", section, *nearest);
    }
    if (const auto elsewhere = key_elsewhere(name)) {
        return fmt::format("did you mean {}?", *elsewhere);
    }
    return fmt::format("the keys of [{}] are {}", section, fmt::join(known, ", "));
}

bool take_name(const TableKind& kind, const std::string& name, const ConfigSource& source, const std::string& pointer,
               std::set<std::string>& names, Faults& faults) {
    const std::string place = source.place(pointer + "/name");
    if (name.empty()) {
        faults.add(fmt::format("{} {} has no name", kind.article, kind.noun), source.place(pointer),
                   "give it one: name = \"..\"");
    } else if (std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
        faults.add(fmt::format("the name of {} {} has a control character", kind.article, kind.noun), place,
                   "keep it to one line of text");
    } else if (trimmed(name) != name) {
        faults.add(fmt::format("the name \"{}\" of {} {} has blanks around it", name, kind.article, kind.noun), place,
                   "leave them out: they belong to no name in a table either");
    } else if (!names.insert(name).second) {
        faults.add(fmt::format("two {} are called \"{}\"", kind.plural(), shortened(name)), place,
                   fmt::format("give every {} its own name", kind.noun));
    } else {
        return true;
    }
    return false;
}

bool check_is_list_of_tables(const TableKind& kind, const nlohmann::json& list, const ConfigSource& source,
                             const std::string& pointer, Faults& faults) {
    if (list.is_array() && std::ranges::all_of(list, [](const auto& entry) { return entry.is_object(); })) {
        return true;
    }
    faults.add(fmt::format("{} must be a list of tables, not {}", kind.key(), describe(list)), source.place(pointer),
               fmt::format("write [[{}]] above each one", kind.key()));
    return false;
}

void store_any(const AnyKey& key, const std::string& shown_name, const nlohmann::json& value,
               const ConfigSource& source, const std::string& pointer, void* owner, Faults& faults) {
    try {
        key.kind->store(owner, value);
        if (key.is_path) {
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
            key.kind->store(owner, all);
        }
    } catch (const ValueFault& fault) {
        faults.add(fmt::format("{} {}", shown_name, fault.problem), source.place(pointer + fault.part), fault.remedy);
    }
}

void add_unknown_key(const TableKind& kind, const std::string& name, const std::vector<std::string>& known,
                     const ConfigSource& source, const std::string& pointer, Faults& faults) {
    faults.add(fmt::format("unknown key {}.{}", kind.key(), shortened(name)), source.place(pointer + "/" + name),
               remedy_for_unknown(name, kind.key(), known));
}

}  // namespace clv
