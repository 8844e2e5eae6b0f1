#pragma once
// One place where configuration comes from (a file, or one argument), as values with their places.

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "clv/config/config.hpp"
#include "clv/config/load_config.hpp"
#include "clv/core/named_file.hpp"

namespace clv {

/// Of what was typed on the command line, as far as messages repeat it, in bytes.
inline constexpr std::size_t longest_origin = 160;

struct ConfigSource {
    nlohmann::json values;                      ///< an object of sections
    std::map<std::string, std::string> places;  ///< "/simulation/paths" -> "file.toml:3:1"
    std::string name;                           ///< the place of everything else
    std::filesystem::path folder;               ///< relative paths start here
    std::vector<NamedFile> files;               ///< all that were read for it

    /// The place of a value, or of the nearest thing around it that has one.
    [[nodiscard]] std::string place(std::string_view pointer) const;
};

/// Reads a TOML file, or the member "config" of a run.json. Actions that name a file have its keys, with their places
/// in it. Throws ConfigError if a file cannot be read or parsed.
[[nodiscard]] ConfigSource read_config_file(const std::string& file);

/// Reads a TOML file that is no configuration; messages call it `what`. Throws ConfigError as read_config_file().
[[nodiscard]] ConfigSource read_toml_file(const std::string& file, std::string_view what);

/// Reads a configuration that is not in a file.
[[nodiscard]] ConfigSource read_config_text(const ConfigText& config);

/// Reads one argument of the command line. With `keeps_text` a number, boolean or date stays as it was typed.
[[nodiscard]] ConfigSource read_override(const Override& override, bool keeps_text);

}  // namespace clv
