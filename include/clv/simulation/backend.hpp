#pragma once

#include <memory>
#include <string>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/paths/columns.hpp"
#include "clv/simulation/plan.hpp"
#include "clv/simulation/result.hpp"

namespace clv {

struct Capabilities {
    std::string name;         ///< "cpu", "cuda"
    bool available = false;   ///< can run here and now
    std::string description;  ///< device, instruction set, threads; or why it cannot run and what to do
};

/// Executes a plan. Every backend gives the same bits: nothing of how a run is executed shows in its result.
class Backend {
  public:
    virtual ~Backend() = default;
    [[nodiscard]] virtual Capabilities capabilities() const = 0;
    /// Throws BackendError if the backend is not available, ModelError if a value leaves the range of the sums,
    /// Interrupted if the user asked to stop.
    [[nodiscard]] virtual SimulationResult run(const PathColumns& columns, const SimulationPlan& plan,
                                               Progress& progress) const = 0;
};

/// `threads` = 0: all that the machine has.
[[nodiscard]] std::unique_ptr<Backend> make_cpu_backend(int threads);
[[nodiscard]] std::unique_ptr<Backend> make_cuda_backend();

}  // namespace clv
