#pragma once
// Order-free sums: money as whole multiples of a power of two. Integer addition gives the same sum in any order, so
// threads, blocks and devices cannot show in a result.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

namespace clv {

/// Values are kept below 2^50 units, so that the squares of 2^27 of them fit 128 bits.
inline constexpr double fixed_point_limit = 0x1p50;

class FixedPoint {
  public:
    FixedPoint() = default;
    /// `bound`: no value will exceed it in magnitude. Finite, >= 0.
    explicit FixedPoint(double bound) {
        int exponent = 0;
        std::frexp(bound, &exponent);
        constexpr int smallest_exponent = -900;  // so that the scale stays finite
        unit_ = bound > 0.0 ? std::ldexp(1.0, std::max(exponent, smallest_exponent) - 50) : 1.0;
        scale_ = 1.0 / unit_;
    }

    /// Nearest multiple of the unit, ties to even. Defined only where fits().
    [[nodiscard]] std::int64_t units(double value) const noexcept {
        constexpr double shifter = 0x1.8p52;  // adding it rounds to an integer, which then stands in the low bits
        return std::bit_cast<std::int64_t>(value * scale_ + shifter) - std::bit_cast<std::int64_t>(shifter);
    }
    [[nodiscard]] bool fits(double value) const noexcept { return std::abs(value * scale_) < fixed_point_limit; }
    [[nodiscard]] double unit() const noexcept { return unit_; }

    /// units[i] = units(values[i]); false if a value does not fit.
    [[nodiscard]] bool to_units(std::span<const double> values, std::span<std::int64_t> units) const;
    /// sums[i] += units(values[i]).
    void add_units(std::span<const double> values, std::span<std::int64_t> sums) const;

  private:
    double unit_ = 1.0;
    double scale_ = 1.0;
};

struct MeanAndSpread {
    double mean;
    double se;  ///< standard error of the mean
    double sd;  ///< sample standard deviation; 0 for a single value
};

/// Mean and standard deviation of `units` (each below 2^51 in magnitude, at most 2^27 of them) times `unit`.
/// Exact sums, rounded once: the order of the values does not matter.
[[nodiscard]] MeanAndSpread mean_and_spread(std::span<const std::int64_t> units, double unit);

}  // namespace clv
