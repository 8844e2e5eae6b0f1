#pragma once
// How the configuration of a command is read: a file, or text, and what the command line sets on top of it. Every key,
// its type, unit, default, range and meaning stands in one table (src/config/sections), from which parsing, --set, help
// and the reference page are made.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clv/config/config.hpp"

namespace clv {

/// One key set on the command line.
struct Override {
    std::string key;     ///< "simulation.paths"
    std::string value;   ///< a TOML value, or a bare string where it is none
    std::string origin;  ///< what the user typed, for messages: "--set simulation.paths=0"
};

/// The argument of --set: `section.key=value`. Throws ConfigError if it has no `=`, or nothing before it.
[[nodiscard]] Override parse_override(std::string_view argument);

/// A configuration that is not in a file; relative paths in it are relative to the working directory.
struct ConfigText {
    std::string text;
    std::string name;      ///< for messages
    bool is_json = false;  ///< an object of sections, or else TOML
};

struct ConfigSources {
    std::string file;                  ///< a TOML file, or the run.json of an earlier run; empty: defaults only
    std::vector<Override> overrides;   ///< later ones win, and all of them win over the file
    std::optional<ConfigText> text{};  ///< in the place of a file
};

/// Reads, merges and checks. Relative paths of a file are relative to it (run.json holds absolute ones), those of
/// overrides to the working directory.
/// Throws ConfigError with every fault found, each with its place (file:line:column, or what the user typed).
[[nodiscard]] RunConfig load_config(const ConfigSources& sources);

}  // namespace clv
