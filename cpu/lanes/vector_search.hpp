#pragma once
// count_below of clv/random/lane.hpp on vectors: how many entries of a sorted table lie below each argument. A part of
// vector_lanes.hpp.

#include "vector_types.hpp"

namespace clv::lane {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_AVX3
/// count_below for a table of so many blocks of 16 entries, which stand in registers.
template <int arguments, int blocks>
CLV_HD void count_below_blocks(const float* table, bool is_full, const Real* x, Integer* below) {
    __m512i at[arguments];
    __mmask16 high[arguments];
    CLV_UNROLL
    for (int i = 0; i < arguments; ++i) {
        at[i] = _mm512_setzero_si512();
    }
    CLV_UNROLL
    for (int block = 1; block < blocks; ++block) {
        const __m512 last = _mm512_set1_ps(table[16 * block - 1]);
        CLV_UNROLL
        for (int i = 0; i < arguments; ++i) {
            high[i] = _mm512_cmp_ps_mask(last, x[i].v.raw, _CMP_LT_OQ);
            at[i] = _mm512_mask_add_epi32(at[i], high[i], at[i], _mm512_set1_epi32(16));
        }
    }
    if constexpr (blocks == 4) {  // of three blocks, the last comparison has said it
        CLV_UNROLL
        for (int i = 0; i < arguments; ++i) {
            high[i] = _mm512_cmpge_epi32_mask(at[i], _mm512_set1_epi32(32));
        }
    }
    const __m512 first = _mm512_loadu_ps(table);
    const __m512 second = _mm512_loadu_ps(table + 16);
    const __m512 third = _mm512_loadu_ps(table + (blocks > 2 ? 32 : 0));
    const __m512 fourth = _mm512_loadu_ps(table + (blocks > 3 ? 48 : 0));
    const auto take_step = [&](int step, int i) __attribute__((always_inline)) {
        const __m512i next = _mm512_add_epi32(at[i], _mm512_set1_epi32(step - 1));
        __m512 entry = _mm512_permutex2var_ps(first, next, second);
        if constexpr (blocks == 3) {
            entry = _mm512_mask_permutexvar_ps(entry, high[i], next, third);
        } else if constexpr (blocks == 4) {
            entry = _mm512_mask_blend_ps(high[i], entry, _mm512_permutex2var_ps(third, next, fourth));
        }
        const __mmask16 passed = _mm512_cmp_ps_mask(entry, x[i].v.raw, _CMP_LT_OQ);
        at[i] = _mm512_mask_add_epi32(at[i], passed, at[i], _mm512_set1_epi32(step));
    };
    CLV_UNROLL
    for (int bit = 3; bit >= 0; --bit) {
        CLV_UNROLL
        for (int i = 0; i < arguments; ++i) {
            take_step(1 << bit, i);
        }
    }
    if (is_full) {  // the last entry may be below as well
        CLV_UNROLL
        for (int i = 0; i < arguments; ++i) {
            take_step(1, i);
        }
    }
    CLV_UNROLL
    for (int i = 0; i < arguments; ++i) {
        below[i] = Integer(hn::Vec<IntegerTag>{at[i]});
    }
}

/// A few arguments at a time: each needs a mask of its own, and there are seven.
template <int arguments, int blocks>
CLV_HD void count_below_in_groups(const float* table, bool is_full, const Real* x, Integer* below) {
    constexpr int group = arguments < 3 ? arguments : 3;
    count_below_blocks<group, blocks>(table, is_full, x, below);
    if constexpr (arguments > group) {
        count_below_in_groups<arguments - group, blocks>(table, is_full, x + group, below + group);
    }
}
#endif

/// As for one lane, with the table in registers where the processor can look values up in them. All arguments take each
/// step together, since each waits for its own step before.
template <int arguments>
CLV_HD void count_below(const float* table, int count, const Real* x, Integer* below) {
    const IntegerTag integers;
    const RealTag reals;
#if HWY_TARGET == HWY_AVX3
    const bool is_full = count % 16 == 0;
    if (count > 16 && count <= 32) {
        return count_below_in_groups<arguments, 2>(table, is_full, x, below);
    }
    if (count > 32 && count <= 48) {
        return count_below_in_groups<arguments, 3>(table, is_full, x, below);
    }
    if (count > 48 && count <= 64) {
        return count_below_in_groups<arguments, 4>(table, is_full, x, below);
    }
#endif
    const auto one = hn::Set(integers, 1);
    CLV_UNROLL
    for (int i = 0; i < arguments; ++i) {
        below[i] = Integer(0);
    }
    for (int entry = 0; entry < count; ++entry) {
        const auto value = hn::Set(reals, table[entry]);
        CLV_UNROLL
        for (int i = 0; i < arguments; ++i) {
            const auto passed = hn::RebindMask(integers, hn::Lt(value, x[i].v));
            below[i] = Integer(hn::Add(below[i].v, hn::IfThenElseZero(passed, one)));
        }
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace clv::lane
