#pragma once
// Order-free sums: money as whole multiples of a power of two. Integer addition gives the same sum in any order, so
// threads, blocks and devices cannot show in a result.

#include <cmath>
#include <cstdint>
#include <span>

namespace clv {

/// Values and sums are kept below 2^61 units, so that differences of two fit 64 bits.
inline constexpr double fixed_point_limit = 0x1p61;

class FixedPoint {
  public:
    FixedPoint() = default;
    /// `typical`: the size of the values that matter. `bound`: what no value will exceed in all likelihood. Both
    /// finite and >= 0. There is room for 2^`least_headroom` typical values, or for the bound, but not for more than
    /// 2^36; the unit is what is left of 61 bits. By default typical values stay small enough for the fast loops.
    FixedPoint(double typical, double bound, int least_headroom = 18);
    [[nodiscard]] static FixedPoint with_unit(double unit);

    /// Nearest multiple of the unit, ties to even. Defined only for values below the limit.
    [[nodiscard]] std::int64_t units(double value) const noexcept { return std::llrint(value * scale_); }
    [[nodiscard]] double unit() const noexcept { return unit_; }

    /// units[i] = units(values[i]); false if a value does not fit.
    [[nodiscard]] bool to_units(std::span<const double> values, std::span<std::int64_t> units) const;
    /// sums[i] += units(values[i]), or -=; false if a value or a sum does not fit.
    [[nodiscard]] bool add_units(std::span<const double> values, std::span<std::int64_t> sums) const;
    [[nodiscard]] bool subtract_units(std::span<const double> values, std::span<std::int64_t> sums) const;

  private:
    double unit_ = 1.0;
    double scale_ = 1.0;
};

/// Sum of finite values that does not depend on their order.
[[nodiscard]] double order_free_sum(std::span<const double> values);

struct MeanAndSpread {
    double mean;
    double se;  ///< standard error of the mean
    double sd;  ///< sample standard deviation; 0 for a single value
};

/// Mean and standard deviation of `units` (each below 2^62 in magnitude, at most 2^27 of them) times `unit`.
/// Integer sums, rounded once: the order of the values does not matter.
[[nodiscard]] MeanAndSpread mean_and_spread(std::span<const std::int64_t> units, double unit);

}  // namespace clv
