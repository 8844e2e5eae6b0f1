#pragma once
// Money as integers, so that sums are those of the doubles themselves and do not depend on their order.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace clv::decisions {

__extension__ using Wide = __int128;

/// Amounts as whole multiples of a power of two chosen from the largest of them, in two parts of a word each: coarse
/// units, of which the largest amount has fewer than 2^51, and fine ones, 2^44 to a coarse unit. An amount above about
/// 2^-43 of the largest is a whole number of fine units, whatever its 53 bits; smaller ones are rounded (`holds`).
/// Sums of 2^31 amounts fit.
class MoneyScale {
  public:
    static constexpr double rounding_shift = 6755399441055744.0;  // 1.5 x 2^52: x + this has round(x) in its low bits
    static constexpr int fine_bits = 44;
    static constexpr double fine_in_coarse = 0x1p44;

    MoneyScale() : MoneyScale(1.0) {}
    explicit MoneyScale(double largest) {
        constexpr int coarse_bits = 51;
        constexpr int lowest = -900;  // so that units stay finite
        int exponent = lowest;
        if (largest > 0.0) {
            std::frexp(largest, &exponent);
        }
        exponent_ = std::max(exponent, lowest);
        coarse_ = std::ldexp(1.0, coarse_bits - exponent_);
        fine_ = coarse_ * fine_in_coarse;
    }
    [[nodiscard]] double per_currency() const noexcept { return fine_; }
    /// Coarse units, where they are enough.
    [[nodiscard]] double coarse_per_currency() const noexcept { return coarse_; }
    [[nodiscard]] std::int64_t coarse(double money) const noexcept { return whole(money * coarse_); }
    [[nodiscard]] Wide units(double money) const noexcept {
        const double scaled = money * coarse_;
        const double rest = (scaled - ((scaled + rounding_shift) - rounding_shift)) * fine_in_coarse;
        return in_units(whole(scaled), whole(rest));
    }
    /// From sums of both parts.
    [[nodiscard]] static Wide in_units(std::int64_t coarse, std::int64_t fine) noexcept {
        return Wide{coarse} * (Wide{1} << fine_bits) + fine;
    }
    /// The nearest double.
    [[nodiscard]] double money(Wide units) const noexcept { return static_cast<double>(units) / fine_; }
    [[nodiscard]] double money_of_coarse(Wide coarse) const noexcept { return static_cast<double>(coarse) / coarse_; }
    /// The most units of a sum that may exceed a bound by no more than its allowance (exact_limits.hpp). One that is
    /// beyond every sum stays beyond every sum.
    [[nodiscard]] Wide most(double bound, double allowance) const noexcept {
        constexpr double beyond = 0x1p125;
        const double scaled = bound * fine_;
        if (!(std::abs(scaled) < beyond)) {
            return static_cast<Wide>(scaled > 0.0 ? beyond : -beyond);
        }
        return static_cast<Wide>(std::floor(scaled)) + static_cast<Wide>(std::floor(allowance * fine_));
    }
    /// Whether amounts of this magnitude and above are whole numbers of units.
    [[nodiscard]] bool holds(double smallest) const noexcept {
        constexpr int bits = 51 + fine_bits - 53;
        return smallest >= std::ldexp(1.0, exponent_ - bits);
    }

  private:
    [[nodiscard]] static std::int64_t whole(double scaled) noexcept {
        return std::bit_cast<std::int64_t>(scaled + rounding_shift) - std::bit_cast<std::int64_t>(rounding_shift);
    }

    int exponent_ = 0;  ///< amounts are below 2^this
    double coarse_ = 1.0;
    double fine_ = 1.0;
};

}  // namespace clv::decisions
