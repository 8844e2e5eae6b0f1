#pragma once
// Marks a function that compiles for the host and for CUDA devices. It is always inlined: the CPU backend compiles
// the same law once per instruction set, and an out-of-line copy shared by the linker would leak wide instructions
// into the baseline code.

#if defined(__CUDACC__)
#define CLV_HD __host__ __device__ __forceinline__
#else
#define CLV_HD inline __attribute__((always_inline))
#endif
