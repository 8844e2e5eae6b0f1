// Sums and squares of units against long arithmetic in parts of 32 bits, for units of every size and in any grouping.

#include "clv/risk/unit_sums.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "clv/random/philox.hpp"
#include "clv/risk/fixed_point.hpp"

namespace clv {
namespace {

/// Units spread over +-2^bits.
std::vector<std::int64_t> spread_units(std::uint32_t count, int bits) {
    std::vector<std::int64_t> units;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto block = philox<std::uint32_t>(i, static_cast<std::uint32_t>(bits), 17U, 0U, 5U, 0U);
        const std::uint64_t magnitude =
            (static_cast<std::uint64_t>(block.word[0]) << 32 | block.word[1]) >> (64 - bits);
        const auto value = static_cast<std::int64_t>(magnitude);
        units.push_back((block.word[2] & 1U) != 0 ? value : -value);
    }
    return units;
}

/// Natural numbers in base 2^32, the lowest digit first.
class LongNumber {
  public:
    void add_product(std::uint64_t a, std::uint64_t b) {
        add((a & low_half) * (b & low_half), 0);
        add((a & low_half) * (b >> 32), 1);
        add((a >> 32) * (b & low_half), 1);
        add((a >> 32) * (b >> 32), 2);
    }
    /// Digits 2 k and 2 k + 1 together.
    [[nodiscard]] std::uint64_t pair(std::size_t k) const { return digit_[2 * k + 1] << 32 | digit_[2 * k]; }

  private:
    static constexpr std::uint64_t low_half = 0xffffffffU;
    void add(std::uint64_t value, std::size_t at) {
        std::uint64_t carry = 0;
        for (std::size_t i = at; i < digit_.size(); ++i, value >>= 32) {
            const std::uint64_t sum = digit_[i] + (value & low_half) + carry;
            digit_[i] = sum & low_half;
            carry = sum >> 32;
        }
    }
    std::array<std::uint64_t, 6> digit_{};
};

void expect_equal(const UnitSums& a, const UnitSums& b) {
    EXPECT_EQ(a.sum[0], b.sum[0]);
    EXPECT_EQ(a.sum[1], b.sum[1]);
    EXPECT_EQ(a.squares[0], b.squares[0]);
    EXPECT_EQ(a.squares[1], b.squares[1]);
    EXPECT_EQ(a.squares[2], b.squares[2]);
}

class UnitSumsTest : public ::testing::TestWithParam<int> {};

TEST_P(UnitSumsTest, AgreesWithLongArithmetic) {
    const std::vector<std::int64_t> units = spread_units(20'000, GetParam());
    UnitSums sums;
    Wide sum = 0;
    LongNumber squares;
    for (const std::int64_t each : units) {
        sums.add(each);
        sum += each;
        const auto magnitude = static_cast<std::uint64_t>(each < 0 ? -each : each);
        squares.add_product(magnitude, magnitude);
    }
    EXPECT_TRUE(sums.total() == sum);
    for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_EQ(sums.squares[k], squares.pair(k));
    }
}

TEST_P(UnitSumsTest, DoesNotDependOnTheGrouping) {
    std::vector<std::int64_t> units = spread_units(20'000, GetParam());
    units[77] = (std::int64_t{1} << 62) - 1;  // one that no small sum takes
    const UnitSums all = sums_of(units);
    std::reverse(units.begin(), units.end());
    UnitSums grouped;
    for (std::size_t begin = 0; begin < units.size();) {
        const std::size_t end = std::min(begin + 1 + begin % 977, units.size());
        grouped.add(sums_of(std::span(units).subspan(begin, end - begin)));
        begin = end;
    }
    expect_equal(grouped, all);
}

TEST_P(UnitSumsTest, ManyTimesTheSameIsAProduct) {
    const std::vector<std::int64_t> units = spread_units(5, GetParam());
    for (const std::int64_t each : units) {
        UnitSums one_by_one;
        for (int i = 0; i < 4'097; ++i) {
            one_by_one.add(each);
        }
        UnitSums together;
        together.add(each, 4'097);
        expect_equal(together, one_by_one);
    }
}

TEST_P(UnitSumsTest, SquaresAboutACentre) {
    const std::vector<std::int64_t> units = spread_units(3'000, GetParam());
    const UnitSums sums = sums_of(units);
    for (const std::int64_t centre : {units[0], units[1], std::int64_t{0}, std::int64_t{-12345}}) {
        LongNumber expected;
        for (const std::int64_t each : units) {
            const std::int64_t difference = each < centre ? centre - each : each - centre;
            expected.add_product(static_cast<std::uint64_t>(difference), static_cast<std::uint64_t>(difference));
        }
        double rounded = 0.0;
        for (std::size_t k = 3; k-- > 0;) {
            rounded = rounded * 0x1p64 + static_cast<double>(expected.pair(k));
        }
        EXPECT_NEAR(squares_about(sums, units.size(), centre) / rounded, 1.0, 0x1p-51);
    }
}

INSTANTIATE_TEST_SUITE_P(Bits, UnitSumsTest, ::testing::Values(8, 26, 32, 43, 51, 52, 60, 62));

TEST(UnitSums, AreRightAtTheirLimits) {
    constexpr std::uint64_t most = std::uint64_t{1} << 27;
    constexpr std::int64_t largest = (std::int64_t{1} << 62) - 1;
    UnitSums sums;
    sums.add(largest, most);
    EXPECT_EQ(sums.squares[2], (std::uint64_t{1} << 23) - 1);  // 2^27 (2^62 - 1)^2 is just below 2^151
    const MeanAndSpread same = mean_and_spread(sums, most, 1.0);
    EXPECT_EQ(same.mean, 0x1p62);
    EXPECT_EQ(same.sd, 0.0);

    UnitSums both;
    both.add(largest, most / 2);
    both.add(-largest, most / 2);
    EXPECT_TRUE(both.total() == 0);
    EXPECT_DOUBLE_EQ(mean_and_spread(both, most, 1.0).sd, 0x1p62 * std::sqrt(0x1p27 / (0x1p27 - 1.0)));

    SmallUnitSums small;
    for (std::uint32_t i = 0; i < SmallUnitSums::most; ++i) {
        small.add(i % 2 == 0 ? SmallUnitSums::limit - 1 : 1 - SmallUnitSums::limit);
    }
    UnitSums from_small;
    from_small.add(small);
    UnitSums straight;
    straight.add(SmallUnitSums::limit - 1, SmallUnitSums::most);
    EXPECT_TRUE(from_small.total() == 0);
    EXPECT_EQ(from_small.squares[0], straight.squares[0]);
    EXPECT_EQ(from_small.squares[1], straight.squares[1]);
}

TEST(UnitSums, TheSpreadOfAFewUnitsFarOutIsExact) {
    // a million apart, at 2^61: no double could hold the squares' difference
    const std::int64_t base = std::int64_t{1} << 61;
    UnitSums sums;
    for (const std::int64_t step : {-1, 0, 1}) {
        sums.add(base + step * 1'000'000);
    }
    EXPECT_EQ(mean_and_spread(sums, 3, 1.0).sd, 1e6);
}

}  // namespace
}  // namespace clv
