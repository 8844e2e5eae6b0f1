#pragma once

#include <cstdlib>

namespace clv::test {

/// Every instruction set that a build may have, for CLV_CPU_TARGET; a processor may lack some.
inline constexpr const char* instruction_sets[] = {"scalar", "sse4", "avx2", "avx512", "avx512ifma"};

/// Sets CLV_CPU_TARGET for one run.
class CpuTarget {
  public:
    explicit CpuTarget(const char* name) { setenv("CLV_CPU_TARGET", name, 1); }
    ~CpuTarget() { unsetenv("CLV_CPU_TARGET"); }
    CpuTarget(const CpuTarget&) = delete;
    CpuTarget& operator=(const CpuTarget&) = delete;
};

}  // namespace clv::test
