#pragma once

#include <string>

#include "clv/config/config.hpp"
#include "clv/core/errors.hpp"

namespace clv {

/// The folder that the command writes to; throws ConfigError if none is named.
inline const std::string& output_folder(const RunConfig& config) {
    if (config.output.dir.empty()) {
        throw ConfigError("no output folder is named: give --out DIR or output.dir in the configuration");
    }
    return config.output.dir;
}

}  // namespace clv
