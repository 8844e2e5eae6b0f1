#pragma once
// Money as integers, so that sums do not depend on their order.

#include <bit>
#include <cmath>
#include <cstdint>

namespace clv::decisions {

__extension__ using Wide = __int128;

/// Amounts in whole units of 1e-9 of the currency, or of the next larger power of ten with which the largest amount
/// stays below 2^51: then x + rounding_shift has the nearest integer in its low bits.
class MoneyScale {
  public:
    static constexpr double rounding_shift = 6755399441055744.0;  // 1.5 x 2^52

    MoneyScale() = default;
    explicit MoneyScale(double largest) {
        constexpr double limit = 2251799813685248.0;  // 2^51
        while (largest * per_currency_ >= limit) {
            per_currency_ /= 10.0;
        }
    }
    [[nodiscard]] double per_currency() const noexcept { return per_currency_; }
    [[nodiscard]] std::int64_t units(double money) const noexcept {
        return std::bit_cast<std::int64_t>(money * per_currency_ + rounding_shift) -
               std::bit_cast<std::int64_t>(rounding_shift);
    }
    /// units() of an amount without a limit: one that is beyond every sum stays beyond every sum.
    [[nodiscard]] Wide wide_units(double money) const noexcept {
        constexpr double beyond = 1.0e36;
        return static_cast<Wide>(std::nearbyint(std::fmax(-beyond, std::fmin(beyond, money * per_currency_))));
    }
    [[nodiscard]] double money(Wide units) const noexcept { return static_cast<double>(units) / per_currency_; }

  private:
    double per_currency_ = 1.0e9;
};

}  // namespace clv::decisions
