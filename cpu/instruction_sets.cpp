#include "instruction_sets.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "clv/core/errors.hpp"

namespace clv::cpu {

std::vector<InstructionSet> supported_instruction_sets() {
    std::vector<InstructionSet> sets{{"scalar", simulate_customer_scalar, add_up_scalar, take_low_values_scalar,
                                      simulate_scenarios_scalar, simulate_retail_scalar}};
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool has_sse4 =
        __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
    // F16C, which Highway asks of AVX2 as well, came earlier than AVX2; clang 14 has no name for it.
    const bool has_avx2 = has_sse4 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                          __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                            __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    if (has_sse4) {
        sets.push_back({"sse4", simulate_customer_sse4, add_up_sse4, take_low_values_sse4, simulate_scenarios_sse4,
                        simulate_retail_sse4});
    }
    if (has_avx2) {
        sets.push_back({"avx2", simulate_customer_avx2, add_up_avx2, take_low_values_avx2, simulate_scenarios_avx2,
                        simulate_retail_avx2});
    }
    if (has_avx512) {
        sets.push_back({"avx512", simulate_customer_avx512, add_up_avx512, take_low_values_avx512,
                        simulate_scenarios_avx512, simulate_retail_avx512});
    }
    if (has_avx512 && __builtin_cpu_supports("avx512ifma")) {
        sets.push_back({"avx512ifma", simulate_customer_avx512, add_up_avx512ifma, take_low_values_avx512ifma,
                        simulate_scenarios_avx512, simulate_retail_avx512});
    }
#endif
    return sets;
}

InstructionSet choose_instruction_set() {
    const std::vector<InstructionSet> sets = supported_instruction_sets();
    const char* wanted = std::getenv("CLV_CPU_TARGET");
    if (wanted == nullptr || *wanted == '\0') {
        return sets.back();
    }
    std::string names;
    for (const InstructionSet& set : sets) {
        if (set.name == wanted) {
            return set;
        }
        names += (names.empty() ? "" : ", ") + set.name;
    }
    throw BackendError(fmt::format("CLV_CPU_TARGET={} is not available here: use one of {}", wanted, names));
}

}  // namespace clv::cpu
