#pragma once

#include <string>

namespace clv {

/// Where results go (config section [output]).
struct OutputSettings {
    std::string dir;                ///< --out
    bool spreadsheet_safe = false;  ///< CSV files mark texts that a spreadsheet would run
};

}  // namespace clv
