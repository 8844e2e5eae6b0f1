#pragma once

#include <cstdint>

namespace clv {

/// A level such as 0.05 read as the decimal number it was written as, not as the nearest binary fraction, so that
/// the 5% quantile of 20 values is the first and not the second.
class DecimalLevel {
  public:
    static constexpr int most_decimals = 15;
    /// Whether a level in (0, 1) has no more decimals than that in the shortest text that reads back to it.
    [[nodiscard]] static bool has_few_decimals(double level) noexcept;

    /// `level` in (0, 1), with few decimals; throws ConfigError otherwise.
    explicit DecimalLevel(double level);

    /// ceil(count x level), at least 1: the rank of the quantile among `count` sorted values (NumPy's inverted_cdf).
    [[nodiscard]] std::uint64_t rank(std::uint64_t count) const noexcept;
    /// floor(count x level): how many values lie wholly within the tail.
    [[nodiscard]] std::uint64_t whole(std::uint64_t count) const noexcept;
    /// count x level - whole(count), in [0, 1).
    [[nodiscard]] double fraction(std::uint64_t count) const noexcept;
    [[nodiscard]] double value() const noexcept { return value_; }

  private:
    double value_;
    std::int64_t numerator_;
    std::int64_t denominator_;
};

}  // namespace clv
