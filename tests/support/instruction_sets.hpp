#pragma once

namespace clv::test {

/// Every instruction set that a build may have, for CLV_CPU_TARGET; a processor may lack some.
inline constexpr const char* instruction_sets[] = {"scalar", "sse4", "avx2", "avx512", "avx512ifma"};

}  // namespace clv::test
