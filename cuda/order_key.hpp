#pragma once
// Doubles as integers in the same order, and doubles as whole units, the same on host and device.

#include <bit>
#include <cmath>
#include <cstdint>

#include "clv/core/host_device.hpp"

namespace clv::cuda {

/// Rises with the value. No NaN; zeros of one sign.
CLV_HD std::uint64_t order_key(double value) {
#if defined(__CUDA_ARCH__)
    const auto bits = static_cast<std::uint64_t>(__double_as_longlong(value));
#else
    const auto bits = std::bit_cast<std::uint64_t>(value);
#endif
    return bits >> 63 != 0 ? ~bits : bits | std::uint64_t{1} << 63;
}

CLV_HD double value_of_key(std::uint64_t key) {
    const std::uint64_t bits = key >> 63 != 0 ? key & ~(std::uint64_t{1} << 63) : ~key;
#if defined(__CUDA_ARCH__)
    return __longlong_as_double(static_cast<long long>(bits));
#else
    return std::bit_cast<double>(bits);
#endif
}

/// value x scale to the nearest integer, ties to even, for a product below 2^62 in magnitude.
CLV_HD std::int64_t whole_units(double value, double scale) {
#if defined(__CUDA_ARCH__)
    return __double2ll_rn(value * scale);
#else
    return std::llrint(value * scale);
#endif
}

/// Whether a value fits a scale, as FixedPoint::to_units has it. NaN does not.
CLV_HD bool fits_units(double value, double scale) {
    const double units = value * scale;
    return -0x1p61 < units && units < 0x1p61;
}

}  // namespace clv::cuda
