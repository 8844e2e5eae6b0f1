#pragma once
// Marks a function that compiles for the host and for CUDA devices. It is always inlined: the CPU backend compiles
// the same law once per instruction set, and an out-of-line copy shared by the linker would leak wide instructions
// into the baseline code. CLV_HD_CALL is for a template on a lane type, whose name is another in every set: a call on
// the host, inlined on a device. CLV_UNROLL stands before a loop of few, constant steps.

#if defined(__CUDACC__)
#define CLV_HD __host__ __device__ __forceinline__
#define CLV_HD_CALL __host__ __device__ __forceinline__
#if defined(__CUDA_ARCH__)
#define CLV_UNROLL _Pragma("unroll")
#else
#define CLV_UNROLL
#endif
#elif defined(__clang__)
#define CLV_HD inline __attribute__((always_inline))
#define CLV_HD_CALL __attribute__((noinline))
#define CLV_UNROLL _Pragma("clang loop unroll(full)")
#else
#define CLV_HD inline __attribute__((always_inline))
#define CLV_HD_CALL __attribute__((noinline))
#define CLV_UNROLL _Pragma("GCC unroll 16")
#endif
