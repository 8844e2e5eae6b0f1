#pragma once
// Before a function of plain loops over integers or exactly rounded operations: compiled also for wider vectors, and
// the best form chosen when the program starts. The results are the same in every form. Left out where a sanitizer
// would have to run before it is ready.

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define CLV_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
// The same for scalar code that lives on random/elementary.hpp: a fused multiply-add is an instruction then, and not a
// call. What the function calls must be inlined into it.
#define CLV_FMA_CLONES __attribute__((target_clones("fma", "default")))
#else
#define CLV_CLONES
#define CLV_FMA_CLONES
#endif
