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

/// table[index], lane by lane.
CLV_HD float lookup(const float* table, std::int32_t index) {
    return table[index];
}

CLV_HD float load(const float* from, float /*type*/) {
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

/// Nearest float to an unsigned 32-bit integer.
CLV_HD float to_real(std::uint32_t x) {
    return static_cast<float>(x);
}

/// Nearest float to a word read as a signed 32-bit integer.
CLV_HD float signed_to_real(std::uint32_t x) {
    return static_cast<float>(static_cast<std::int32_t>(x));
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
