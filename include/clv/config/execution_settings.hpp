#pragma once

#include <string>

namespace clv {

/// How a run is computed (config section [execution]). Nothing of it changes a result.
struct ExecutionSettings {
    std::string backend = "auto";  ///< auto, cpu or cuda
    int threads = 0;               ///< 0: all
};

}  // namespace clv
