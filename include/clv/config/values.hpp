#pragma once
// What a configuration says: as JSON for run.json, as a hash, and key by key, to compare two of them.

#include <string>
#include <string_view>
#include <vector>

#include "clv/config/config.hpp"

namespace clv {

/// The configuration as a JSON object, sections inside, paths absolute, absent keys left out: member "config" of
/// run.json. load_config on that file gives the same configuration.
[[nodiscard]] std::string config_as_json(const RunConfig& config);

/// SHA-256 (hex) over the statistical keys in canonical text: equal hashes and equal inputs mean equal results.
/// What a path names is not part of it; that belongs to the hash of the input.
[[nodiscard]] std::string config_hash(const RunConfig& config);

/// What a configuration says for one key.
struct ConfigValue {
    std::string name;          ///< "optimizer.budget"; "actions", "scenarios" and "optimizer.limits" are whole lists
    std::string text;          ///< canonical JSON: equal values have equal text, and paths are absolute
    bool statistical = false;  ///< can change a result
    bool is_path = false;      ///< names files or a folder
};

/// The value of every key that has one, in the order of the table of keys; lists without an entry are left out.
[[nodiscard]] std::vector<ConfigValue> config_values(const RunConfig& config);

/// The same of `sections`, the text of config_as_json(), whatever version of the program wrote it.
[[nodiscard]] std::vector<ConfigValue> recorded_values(std::string_view sections);

}  // namespace clv
