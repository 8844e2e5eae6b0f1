#pragma once
// A run on the CPU, for tests that look at its figures.

#include "clv/core/progress.hpp"
#include "clv/simulation/backend.hpp"

namespace clv::test {

/// Of the columns of either law.
template <class Columns>
SimulationResult run(const Columns& columns, const SimulationPlan& plan, const CpuSettings& settings = {.threads = 2}) {
    NoProgress progress;
    return make_cpu_backend(settings)->run(columns, plan, progress);
}

}  // namespace clv::test
