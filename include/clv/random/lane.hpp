#pragma once
// The operations a path law is written in, for one path at a time. A SIMD backend offers the same names for its own
// lane types, and the law, the polynomials and Philox work on either. Every operation is exactly rounded by IEEE 754,
// so one lane of a vector and one thread of a GPU give the same bits.

#include <bit>
#include <cmath>
#include <cstdint>

#include "clv/core/host_device.hpp"
#include "clv/random/elementary.hpp"

namespace clv::lane {

/// Types that go with a floating point lane type.
template <class Real>
struct Types;

template <>
struct Types<float> {
    using Word = std::uint32_t;
    using Integer = std::int32_t;
    using Mask = bool;
    static constexpr int lanes = 1;
};

CLV_HD float fused(float a, float b, float c) {
#if defined(__CUDA_ARCH__)
    return __fmaf_rn(a, b, c);
#else
    return __builtin_fmaf(a, b, c);
#endif
}

CLV_HD float square_root(float x) {
#if defined(__CUDA_ARCH__)
    return __fsqrt_rn(x);
#else
    return __builtin_sqrtf(x);
#endif
}

CLV_HD float select(bool condition, float yes, float no) {
    return condition ? yes : no;
}

CLV_HD std::int32_t select(bool condition, std::int32_t yes, std::int32_t no) {
    return condition ? yes : no;
}

CLV_HD bool any(bool condition) {
    return condition;
}

/// count + 1 where the condition holds, else count.
CLV_HD std::int32_t count_if(bool condition, std::int32_t count) {
    return count + (condition ? 1 : 0);
}

// The arguments are never NaN.
CLV_HD float minimum(float a, float b) {
    return b < a ? b : a;
}

CLV_HD float maximum(float a, float b) {
    return a < b ? b : a;
}

CLV_HD std::int32_t minimum(std::int32_t a, std::int32_t b) {
    return b < a ? b : a;
}

CLV_HD std::int32_t maximum(std::int32_t a, std::int32_t b) {
    return a < b ? b : a;
}

/// The largest lane.
CLV_HD std::int32_t largest(std::int32_t x) {
    return x;
}

/// x within [-limit, limit].
CLV_HD float clamp_magnitude(float x, float limit) {
    return maximum(minimum(x, limit), -limit);
}

/// below[i] = how many of the first `count` entries of an ascending table are below x[i], for several arguments. The
/// table is padded with infinities to a multiple of `sorted_padding` entries.
inline constexpr int sorted_padding = 16;
template <int arguments>
CLV_HD void count_below(const float* table, int count, const float* x, std::int32_t* below) {
    CLV_UNROLL
    for (int i = 0; i < arguments; ++i) {
        int at = 0;
        CLV_UNROLL
        for (int bit = 6; bit >= 0; --bit) {
            const int step = 1 << bit;
            if (at + step <= count && table[at + step - 1] < x[i]) {
                at += step;
            }
        }
        below[i] = at;
    }
}

/// table[index] of one table for all lanes.
CLV_HD float gather(const float* table, std::int32_t index) {
    return table[index];
}

CLV_HD std::int32_t gather(const std::int32_t* table, std::int32_t index) {
    return table[index];
}

CLV_HD std::uint32_t gather(const std::uint32_t* table, std::int32_t index) {
    return table[index];
}

/// table[index], lane by lane.
CLV_HD float lookup(const float* table, std::int32_t index) {
    return table[index];
}

CLV_HD float load(const float* from, float /*type*/) {
    return *from;
}

CLV_HD std::int32_t load(const std::int32_t* from, std::int32_t /*type*/) {
    return *from;
}

CLV_HD std::uint32_t load(const std::uint32_t* from, std::uint32_t /*type*/) {
    return *from;
}

CLV_HD void store(float value, float* to) {
    *to = value;
}

CLV_HD void store(std::int32_t value, std::int32_t* to) {
    *to = value;
}

CLV_HD void store(std::uint32_t value, std::uint32_t* to) {
    *to = value;
}

/// start, start + 1, .. lane by lane.
CLV_HD std::uint32_t counting_from(std::uint32_t start, std::uint32_t /*type*/) {
    return start;
}

/// The first bit last and the last first.
CLV_HD std::uint32_t reverse_bits(std::uint32_t x) {
#if defined(__CUDA_ARCH__)
    return __brev(x);
#else
    x = (x >> 1 & 0x55555555U) | (x & 0x55555555U) << 1;
    x = (x >> 2 & 0x33333333U) | (x & 0x33333333U) << 2;
    x = (x >> 4 & 0x0f0f0f0fU) | (x & 0x0f0f0f0fU) << 4;
    return __builtin_bswap32(x);
#endif
}

/// The integer below a number in [0, 2^31).
CLV_HD std::int32_t whole_part(float x) {
    return static_cast<std::int32_t>(x);
}

CLV_HD float to_real(std::int32_t x) {
    return static_cast<float>(x);
}

CLV_HD std::int32_t as_integer(std::uint32_t x) {
    return static_cast<std::int32_t>(x);
}

/// Nearest float to an unsigned 32-bit integer.
CLV_HD float to_real(std::uint32_t x) {
    return static_cast<float>(x);
}

/// Nearest float to a word read as a signed 32-bit integer.
CLV_HD float signed_to_real(std::uint32_t x) {
    return static_cast<float>(static_cast<std::int32_t>(x));
}

/// base | (a & b)
CLV_HD std::uint32_t or_and(std::uint32_t base, std::uint32_t a, std::uint32_t b) {
    return base | (a & b);
}

CLV_HD bool has_bit(std::uint32_t x, int bit) {
    return (x >> bit & 1U) != 0;
}

/// Shifts a word read as a signed integer.
CLV_HD std::uint32_t shift_right_signed(std::uint32_t x, int bits) {
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(x) >> bits);
}

CLV_HD std::uint32_t bits_of(float x) {
#if defined(__CUDA_ARCH__)
    return __float_as_uint(x);
#else
    return std::bit_cast<std::uint32_t>(x);
#endif
}

CLV_HD float real_of(std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
    return __uint_as_float(bits);
#else
    return std::bit_cast<float>(bits);
#endif
}

}  // namespace clv::lane
