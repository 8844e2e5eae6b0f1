#pragma once

#include <optional>

namespace clv {

/// Config section [optimizer].
struct OptimizerSettings {
    std::optional<double> budget;  ///< currency; absent: no cap
};

}  // namespace clv
