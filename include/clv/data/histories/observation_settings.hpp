#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "clv/core/units.hpp"

namespace clv {

/// Which part of the purchases a model sees, and what it counts time in (keys of config section [fit]).
struct ObservationSettings {
    std::optional<std::chrono::sys_days> observation_end;  ///< last day used at all; absent: last day of the file
    std::optional<std::chrono::sys_days> holdout;          ///< last day of calibration; absent: nothing is held out
    TimeUnit time_unit = TimeUnit::week;
    std::string_view holdout_key = "fit.holdout";  ///< the key that named it, for messages
};

}  // namespace clv
