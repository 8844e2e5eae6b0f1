#pragma once

#include <string>

namespace clv {

/// Where results go (config section [output]).
struct OutputSettings {
    std::string dir;  ///< --out
};

}  // namespace clv
