#pragma once
// The steps of all commands: what each depends on, reads and writes.

#include <vector>

#include "steps.hpp"

namespace clv {

[[nodiscard]] const std::vector<StepSpec>& step_table();

}  // namespace clv
