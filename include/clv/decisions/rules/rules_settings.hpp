#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace clv {

/// Config section [rules].
struct RulesSettings {
    std::string file;                             ///< TOML; empty: no rules
    std::optional<std::chrono::sys_days> before;  ///< stages of that day are compared with those of the last
};

}  // namespace clv
