#pragma once
// Exact sums of whole units (risk/fixed_point.hpp) and of their squares. Integers have no rounding, so any grouping of
// the same units gives the same sums: over loops, threads, blocks and devices. For host and device.

#include <cstddef>
#include <cstdint>

#include "clv/core/host_device.hpp"

namespace clv {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

/// Sums of a few small units in 64 bits, for the loops that matter: at most 2^12 units, each below 2^51 in magnitude.
/// A unit is high 2^26 + low, and its square high^2 2^52 + high low 2^27 + low^2.
struct SmallUnitSums {
    static constexpr std::int64_t limit = std::int64_t{1} << 51;
    static constexpr std::uint32_t most = 1U << 12;

    std::int64_t sum = 0;
    std::uint64_t high_high = 0;
    std::uint64_t high_low = 0;
    std::uint64_t low_low = 0;

    [[nodiscard]] static CLV_HD bool fits(std::int64_t units) { return -limit < units && units < limit; }

    CLV_HD void add(std::int64_t units) {
        const auto magnitude = static_cast<std::uint64_t>(units < 0 ? -units : units);
        const auto low = static_cast<std::uint32_t>(magnitude) & 0x3ffffffU;
        const auto high = static_cast<std::uint32_t>(magnitude >> 26);
        sum += units;
        high_high += static_cast<std::uint64_t>(high) * high;
        high_low += static_cast<std::uint64_t>(high) * low;
        low_low += static_cast<std::uint64_t>(low) * low;
    }
};

/// Sums of at most 2^27 units, each below 2^62 in magnitude.
struct UnitSums {
    std::uint64_t sum[2] = {0, 0};         ///< 128 bits in two's complement, the low half first
    std::uint64_t squares[3] = {0, 0, 0};  ///< 192 bits, the lowest first

    CLV_HD void add(std::int64_t units) {
        const auto magnitude = static_cast<std::uint64_t>(units < 0 ? -units : units);
        add_sum(units);
        add_squares(static_cast<UnsignedWide>(magnitude) * magnitude);
    }

    CLV_HD void add(const SmallUnitSums& small) {
        add_sum(small.sum);
        add_squares((static_cast<UnsignedWide>(small.high_high) << 52) +
                    (static_cast<UnsignedWide>(small.high_low) << 27) + small.low_low);
    }

    CLV_HD void add(const UnitSums& other) {
        add_sum(other.total());
        add_squares(join(other.squares[0], other.squares[1]));
        squares[2] += other.squares[2];
    }

    /// Adds the same units `times` times, 0 <= times <= 2^27.
    CLV_HD void add(std::int64_t units, std::uint64_t times) {
        const auto magnitude = static_cast<std::uint64_t>(units < 0 ? -units : units);
        const UnsignedWide square = static_cast<UnsignedWide>(magnitude) * magnitude;
        add_sum(static_cast<Wide>(units) * static_cast<Wide>(times));
        const UnsignedWide low = static_cast<UnsignedWide>(static_cast<std::uint64_t>(square)) * times;
        const UnsignedWide high = (square >> 64) * times;
        add_squares(low);
        add_squares(high << 64);
        squares[2] += static_cast<std::uint64_t>(high >> 64);
    }

    [[nodiscard]] CLV_HD Wide total() const { return static_cast<Wide>(join(sum[0], sum[1])); }

  private:
    static CLV_HD UnsignedWide join(std::uint64_t low, std::uint64_t high) {
        return static_cast<UnsignedWide>(high) << 64 | low;
    }

    CLV_HD void add_sum(Wide units) {
        const auto after = static_cast<UnsignedWide>(total() + units);
        sum[0] = static_cast<std::uint64_t>(after);
        sum[1] = static_cast<std::uint64_t>(after >> 64);
    }

    CLV_HD void add_squares(UnsignedWide square) {
        const UnsignedWide after = join(squares[0], squares[1]) + square;
        squares[0] = static_cast<std::uint64_t>(after);
        squares[1] = static_cast<std::uint64_t>(after >> 64);
        squares[2] += after < square ? 1 : 0;
    }
};

/// Sum of (units - centre)^2 over the `count` units of `sums`, rounded once. `centre` below 2^62 in magnitude.
[[nodiscard]] double squares_about(const UnitSums& sums, std::uint64_t count, std::int64_t centre);

/// Values at the low end of a sample.
struct LowValues {
    UnitSums below;            ///< units of the values below an edge
    std::uint64_t count = 0;   ///< how many those are
    std::uint64_t losses = 0;  ///< values below 0
};
/// Takes the low values of a sample whose units are the integers nearest to value x scale, all below 2^61.
using TakeLowValues = LowValues (*)(const double* values, std::size_t count, double edge, double scale);

}  // namespace clv
