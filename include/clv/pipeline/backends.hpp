#pragma once
// The backends of this build: the one list, written out, from which a run chooses.

#include <memory>
#include <vector>

#include "clv/config/execution_settings.hpp"
#include "clv/models/fit_settings.hpp"
#include "clv/simulation/backend.hpp"

namespace clv {

/// What every backend can do here, fastest first. One that this build lacks is listed as not available, with the
/// reason and the remedy.
[[nodiscard]] std::vector<Capabilities> backend_capabilities(const ExecutionSettings& settings);

/// The backend asked for, for such a run (RunNeeds); `auto` takes the fastest one that is available and lacks nothing.
/// Throws BackendError, saying why and what to do, if it is not available or lacks something, and ConfigError if there
/// is no backend of that name.
[[nodiscard]] std::unique_ptr<Backend> choose_backend(const ExecutionSettings& settings,
                                                      const SimulationSettings& run = {},
                                                      PathLaw law = PathLaw::subscription, bool path_weights = false);

}  // namespace clv
