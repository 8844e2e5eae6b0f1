#pragma once
// Order-free sums: money as whole multiples of a power of two. Integer addition gives the same sum in any order, so
// threads, blocks and devices cannot show in a result.

#include <array>
#include <cmath>
#include <cstdint>
#include <span>

#include "clv/risk/unit_sums.hpp"

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

/// Sum of finite values, one after the other, that does not depend on their order: exact until value() rounds it. Room
/// for 2^42 values.
class OrderFreeSum {
  public:
    void add(double value) noexcept;
    void add(const OrderFreeSum& others) noexcept;
    [[nodiscard]] double value() const noexcept;
    /// The nearest double.
    [[nodiscard]] double nearest() const noexcept;
    /// -1, 0 or 1, without any rounding.
    [[nodiscard]] int sign() const noexcept;

  private:
    __extension__ using Wide = __int128;
    static constexpr int bits_per_bin = 32;
    static constexpr int lowest_exponent = -1074;  // of a double's last bit
    static constexpr int bins = (1024 - lowest_exponent) / bits_per_bin + 1;
    std::array<Wide, bins> bins_{};  ///< [i]: multiples of 2^(lowest_exponent + i bits_per_bin)
};

/// The sum of values as OrderFreeSum makes it.
[[nodiscard]] double order_free_sum(std::span<const double> values) noexcept;

struct MeanAndSpread {
    double mean;
    double se;  ///< standard error of the mean
    double sd;  ///< sample standard deviation; 0 for a single value
};

/// Sums of `units`, each below 2^62 in magnitude, at most 2^27 of them.
[[nodiscard]] UnitSums sums_of(std::span<const std::int64_t> units);

/// Mean and standard deviation of `count` units times `unit`, from their exact sums: the order of the units does not
/// matter.
[[nodiscard]] MeanAndSpread mean_and_spread(const UnitSums& sums, std::uint64_t count, double unit);
[[nodiscard]] MeanAndSpread mean_and_spread(std::span<const std::int64_t> units, double unit);

/// Mean and spread of two samples together, from what is known of each (Chan, Golub and LeVeque 1983). Counts are at
/// least 1. Equal means stay what they are.
[[nodiscard]] MeanAndSpread pool(const MeanAndSpread& a, std::uint64_t count_a, const MeanAndSpread& b,
                                 std::uint64_t count_b);

}  // namespace clv
