#pragma once

#include <string>
#include <vector>

#include "cpu/blocks/path_block.hpp"

namespace clv::cpu {

struct InstructionSet {
    std::string name;  ///< scalar, sse4, avx2, avx512, avx512ifma
    SimulateCustomer simulate_customer;
    AddUp add_up;
    TakeLowValues take_low_values;
    SimulateScenarios simulate_scenarios;
    SimulateRetail simulate_retail;
};

/// What this program was built with and this processor can run, the best last.
[[nodiscard]] std::vector<InstructionSet> supported_instruction_sets();

/// The best supported one, or the one that the environment variable CLV_CPU_TARGET names (for tests and audits).
/// Throws BackendError if that one is not supported.
[[nodiscard]] InstructionSet choose_instruction_set();

}  // namespace clv::cpu
