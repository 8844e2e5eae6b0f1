#pragma once
// exp, log and their relatives in double, from IEEE operations and explicit fma alone, so that path columns have the
// same bits with every compiler, C library and device. Errors are below 2 units in the last place (tests/random).

#include <bit>
#include <cmath>
#include <cstdint>

#include "clv/core/host_device.hpp"

namespace clv::elementary {

namespace detail {

CLV_HD double fused(double a, double b, double c) {
#if defined(__CUDA_ARCH__)
    return __fma_rn(a, b, c);
#else
    return __builtin_fma(a, b, c);
#endif
}

CLV_HD double from_bits(std::uint64_t bits) {
#if defined(__CUDA_ARCH__)
    return __longlong_as_double(static_cast<long long>(bits));
#else
    return std::bit_cast<double>(bits);
#endif
}

CLV_HD std::uint64_t to_bits(double value) {
#if defined(__CUDA_ARCH__)
    return static_cast<std::uint64_t>(__double_as_longlong(value));
#else
    return std::bit_cast<std::uint64_t>(value);
#endif
}

inline constexpr double ln2_high = 0.693147180559945286;      // ln 2 rounded to double
inline constexpr double ln2_low = 2.3190468138462995584e-17;  // ln 2 - ln2_high
inline constexpr double log2_e = 1.44269504088896340736;
inline constexpr double round_to_integer = 6755399441055744.0;  // 1.5 x 2^52: adding it rounds to an integer

/// 2^k for -1022 <= k <= 1023.
CLV_HD double power_of_two(int k) {
    return from_bits(static_cast<std::uint64_t>(k + 1023) << 52);
}

}  // namespace detail

/// e^x. Beyond the range of double: infinity or 0.
CLV_HD double exp(double x) {
    using namespace detail;
    if (!(x > -745.5)) {
        return x != x ? x : 0.0;
    }
    if (x > 709.79) {
        return from_bits(0x7ff0000000000000ULL);
    }
    const double k = fused(x, log2_e, round_to_integer) - round_to_integer;
    const double r = fused(-k, ln2_low, fused(-k, ln2_high, x));
    double p = 1.0 / 6227020800.0;  // Taylor series to r^13: the remainder is below 4e-18 for |r| <= ln(2)/2
    p = fused(p, r, 1.0 / 479001600.0);
    p = fused(p, r, 1.0 / 39916800.0);
    p = fused(p, r, 1.0 / 3628800.0);
    p = fused(p, r, 1.0 / 362880.0);
    p = fused(p, r, 1.0 / 40320.0);
    p = fused(p, r, 1.0 / 5040.0);
    p = fused(p, r, 1.0 / 720.0);
    p = fused(p, r, 1.0 / 120.0);
    p = fused(p, r, 1.0 / 24.0);
    p = fused(p, r, 1.0 / 6.0);
    p = fused(p, r, 0.5);
    p = fused(p * r, r, r) + 1.0;
    const int whole = static_cast<int>(k);
    const int half = whole / 2;  // in two factors, so that results near the ends of the range stay finite
    return p * power_of_two(half) * power_of_two(whole - half);
}

/// Natural logarithm. log(0) = -infinity, log of a negative number is NaN.
CLV_HD double log(double x) {
    using namespace detail;
    if (!(x > 0.0)) {
        return x == 0.0 ? from_bits(0xfff0000000000000ULL) : from_bits(0x7ff8000000000000ULL);
    }
    if (x > 1.7976931348623157e308) {
        return x;
    }
    int k = 0;
    if (x < 2.2250738585072014e-308) {
        x *= 18014398509481984.0;  // 2^54
        k = -54;
    }
    const std::uint64_t bits = to_bits(x);
    k += static_cast<int>(bits >> 52) - 1023;
    double m = from_bits((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        k += 1;
    }
    // ln(1 + f) = f - f^2/2 + s (f^2/2 + R), s = f / (2 + f), R the tail of 2 artanh(s) / s beyond its first term.
    const double f = m - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;
    double r = 2.0 / 23.0;
    r = fused(r, z, 2.0 / 21.0);
    r = fused(r, z, 2.0 / 19.0);
    r = fused(r, z, 2.0 / 17.0);
    r = fused(r, z, 2.0 / 15.0);
    r = fused(r, z, 2.0 / 13.0);
    r = fused(r, z, 2.0 / 11.0);
    r = fused(r, z, 2.0 / 9.0);
    r = fused(r, z, 2.0 / 7.0);
    r = fused(r, z, 2.0 / 5.0);
    r = fused(r, z, 2.0 / 3.0);
    r *= z;
    const double half_square = 0.5 * f * f;
    const double whole = static_cast<double>(k);
    const double rest = half_square - fused(s, half_square + r, whole * ln2_low);
    return whole * ln2_high - (rest - f);
}

/// ln(1 + x), accurate for small x.
CLV_HD double log1p(double x) {
    const double u = 1.0 + x;
    if (!(u > 0.0) || u > 1.7976931348623157e308) {
        return log(u);
    }
    return log(u) + (x - (u - 1.0)) / u;
}

/// e^x - 1, accurate for small x.
CLV_HD double expm1(double x) {
    const double u = exp(x);
    if (u == 1.0) {
        return x;
    }
    const double difference = u - 1.0;
    if (difference == -1.0 || u > 1.7976931348623157e308) {
        return difference;
    }
    return difference * x / log(u);
}

}  // namespace clv::elementary
