#pragma once
// The table of configuration keys as its readers (help, reference page, tests) see it.

#include <span>
#include <string>

namespace clv {

struct ConfigKey {
    std::string name;           ///< "simulation.paths"; "actions.cost" is the key `cost` of every [[actions]]
    std::string type;           ///< "integer", "number", "true or false", "text", "path", ..
    std::string unit;           ///< empty where there is none
    std::string default_value;  ///< as TOML, read from a default-constructed RunConfig; empty: absent
    std::string range;          ///< what is accepted; empty: everything of the type
    std::string meaning;
    bool statistical = false;  ///< can change a result, so it counts for the config hash
};

/// Every key, section by section.
[[nodiscard]] std::span<const ConfigKey> config_keys();

}  // namespace clv
