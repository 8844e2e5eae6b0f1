#pragma once

#include "clv/config/config.hpp"
#include "clv/output/tables/world.hpp"

namespace clv {

/// Whether `clv run` makes the customers itself: a world is described, and no input is named.
[[nodiscard]] inline bool generates_world(const RunConfig& config) {
    return config.input.customers.empty() && !config.input.has_purchases() && !config.generate.kind.empty();
}

[[nodiscard]] inline WorldSettings world_settings(const RunConfig& config) {
    return {config.generate, config.simulation, config.actions, config.execution.threads};
}

}  // namespace clv
