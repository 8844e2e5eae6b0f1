#include "clv/risk/fixed_point.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "clv/core/instruction_clones.hpp"

namespace clv {

namespace {

__extension__ using Wide = __int128;

// Adding 1.5 x 2^52 rounds a double below 2^51 to an integer, which then stands in its low bits. Larger ones, which are
// rare, go through llrint with the same result.
constexpr double shifter = 0x1.8p52;
constexpr double shifter_limit = 0x1p51;
constexpr std::int64_t small_units = std::int64_t{1} << 51;

// The loops stand apart so that each can be compiled for wider vectors.

/// Largest magnitude of values x scale; infinity if one is not a number.
CLV_CLONES double largest_of(const double* values, std::size_t count, double scale) {
    double largest = 0.0;
    std::int64_t not_a_number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double magnitude = std::abs(values[i] * scale);
        largest = largest < magnitude ? magnitude : largest;
        not_a_number |= magnitude != magnitude ? 1 : 0;
    }
    return not_a_number == 0 ? largest : HUGE_VAL;
}

CLV_CLONES void convert_small(const double* values, std::size_t count, double scale, std::int64_t* units) {
    for (std::size_t i = 0; i < count; ++i) {
        units[i] = std::bit_cast<std::int64_t>(values[i] * scale + shifter) - std::bit_cast<std::int64_t>(shifter);
    }
}

/// Adds, and returns the largest magnitude of a sum.
CLV_CLONES std::int64_t add_small(const double* values, std::size_t count, double scale, std::int64_t* sums) {
    std::int64_t largest = 0;
    for (std::size_t i = 0; i < count; ++i) {
        sums[i] += std::bit_cast<std::int64_t>(values[i] * scale + shifter) - std::bit_cast<std::int64_t>(shifter);
        const std::int64_t magnitude = sums[i] < 0 ? -sums[i] : sums[i];
        largest = largest < magnitude ? magnitude : largest;
    }
    return largest;
}

CLV_CLONES std::int64_t largest_units(const std::int64_t* units, std::size_t count) {
    std::int64_t largest = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t magnitude = units[i] < 0 ? -units[i] : units[i];
        largest = largest < magnitude ? magnitude : largest;
    }
    return largest;
}

CLV_CLONES std::int64_t sum_of(const std::int64_t* units, std::size_t count) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        sum += units[i];
    }
    return sum;
}

/// Sums of the squared deviations, in halves of 26 bits: d = high 2^26 + low.
struct SquareSums {
    std::uint64_t high_high = 0;
    std::uint64_t high_low = 0;
    std::uint64_t low_low = 0;
};

CLV_CLONES SquareSums squares_of(const std::int64_t* units, std::size_t count, std::int64_t centre) {
    SquareSums sums;
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t deviation = units[i] - centre;
        const auto magnitude = static_cast<std::uint64_t>(deviation < 0 ? -deviation : deviation);
        const std::uint64_t low = magnitude & 0x3ffffffU;
        const std::uint64_t high = magnitude >> 26 & 0x3ffffffU;
        sums.high_high += high * high;
        sums.high_low += high * low;
        sums.low_low += low * low;
    }
    return sums;
}

constexpr std::size_t chunk = 2'048;  // sums of this many small units, or of their halves' products, stay below 2^63

Wide wide_sum(std::span<const std::int64_t> units, bool small) {
    Wide sum = 0;
    if (small) {
        for (std::size_t begin = 0; begin < units.size(); begin += chunk) {
            sum += sum_of(units.data() + begin, std::min(chunk, units.size() - begin));
        }
    } else {
        for (const std::int64_t value : units) {
            sum += value;
        }
    }
    return sum;
}

/// Sum of squared deviations. Large ones lose low bits that a double would lose as well.
double sum_of_squares(std::span<const std::int64_t> units, std::int64_t centre, std::int64_t largest) {
    Wide squares = 0;
    if (largest < small_units) {
        for (std::size_t begin = 0; begin < units.size(); begin += chunk) {
            const SquareSums part = squares_of(units.data() + begin, std::min(chunk, units.size() - begin), centre);
            squares += (static_cast<Wide>(part.high_high) << 52) + (static_cast<Wide>(part.high_low) << 27) +
                       static_cast<Wide>(part.low_low);
        }
        return static_cast<double>(squares);
    }
    constexpr int lost_bits = 14;  // deviations below 2^63, 2^27 of them: squares of 49 bits fit 128
    for (const std::int64_t value : units) {
        const Wide deviation = (static_cast<Wide>(value) - centre) >> lost_bits;
        squares += deviation * deviation;
    }
    return std::ldexp(static_cast<double>(squares), 2 * lost_bits);
}

}  // namespace

FixedPoint::FixedPoint(double typical, double bound, int least_headroom) {
    constexpr int most_headroom = 36;
    constexpr int smallest_exponent = -900;  // so that the scale stays finite
    if (!(typical > 0.0)) {
        return;
    }
    int exponent = 0;
    int headroom = 0;
    std::frexp(typical, &exponent);
    std::frexp(bound / typical, &headroom);
    *this = with_unit(std::ldexp(
        1.0, std::max(exponent, smallest_exponent) - 61 + std::clamp(headroom, least_headroom, most_headroom)));
}

FixedPoint FixedPoint::with_unit(double unit) {
    FixedPoint scale;
    scale.unit_ = unit;
    scale.scale_ = 1.0 / unit;
    return scale;
}

bool FixedPoint::to_units(std::span<const double> values, std::span<std::int64_t> units) const {
    const double largest = largest_of(values.data(), values.size(), scale_);
    if (!(largest < fixed_point_limit)) {
        return false;
    }
    if (largest < shifter_limit) {
        convert_small(values.data(), values.size(), scale_, units.data());
    } else {
        std::transform(values.begin(), values.end(), units.begin(), [&](double value) { return this->units(value); });
    }
    return true;
}

bool FixedPoint::add_units(std::span<const double> values, std::span<std::int64_t> sums) const {
    const double largest = largest_of(values.data(), values.size(), scale_);
    if (!(largest < fixed_point_limit)) {
        return false;
    }
    if (largest < shifter_limit) {
        return static_cast<double>(add_small(values.data(), values.size(), scale_, sums.data())) < fixed_point_limit;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        sums[i] += units(values[i]);
    }
    return static_cast<double>(largest_units(sums.data(), sums.size())) < fixed_point_limit;
}

bool FixedPoint::subtract_units(std::span<const double> values, std::span<std::int64_t> sums) const {
    return with_unit(-unit_).add_units(values, sums);  // rounding is symmetric
}

double order_free_sum(std::span<const double> values) {
    const double largest = largest_of(values.data(), values.size(), 1.0);
    int exponent = 0;
    std::frexp(largest, &exponent);
    const double unit = std::ldexp(1.0, exponent - 60);
    if (largest == 0.0 || unit == 0.0) {
        return 0.0;
    }
    Wide sum = 0;
    for (const double value : values) {
        sum += std::llrint(value / unit);
    }
    return static_cast<double>(sum) * unit;
}

MeanAndSpread mean_and_spread(std::span<const std::int64_t> units, double unit) {
    const auto count = static_cast<Wide>(units.size());
    if (count == 0) {
        return {0.0, 0.0, 0.0};
    }
    const std::int64_t largest = largest_units(units.data(), units.size());
    const Wide sum = wide_sum(units, largest < small_units);
    const auto centre = static_cast<std::int64_t>(sum / count);
    const auto n = static_cast<double>(count);
    const double mean = static_cast<double>(sum) * unit / n;
    if (count == 1) {
        return {mean, 0.0, 0.0};
    }
    const auto rest = static_cast<double>(sum - count * centre);  // below count in magnitude
    const double squares = sum_of_squares(units, centre, largest) - rest * rest / n;
    const double sd = std::sqrt(std::max(squares, 0.0) / (n - 1.0)) * unit;
    return {mean, sd / std::sqrt(n), sd};
}

}  // namespace clv
