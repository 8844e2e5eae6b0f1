#include "clv/risk/fixed_point.hpp"

#include <cstddef>

#include "clv/core/instruction_clones.hpp"

namespace clv {

namespace {

__extension__ using Wide = __int128;

// The loops below stand apart so that each can be compiled for wider vectors.

CLV_CLONES bool convert(const double* values, std::size_t count, double scale, std::int64_t* units) {
    constexpr double shifter = 0x1.8p52;
    double largest = 0.0;
    std::int64_t not_a_number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double scaled = values[i] * scale;
        units[i] = std::bit_cast<std::int64_t>(scaled + shifter) - std::bit_cast<std::int64_t>(shifter);
        const double magnitude = std::abs(scaled);
        largest = largest < magnitude ? magnitude : largest;
        not_a_number |= scaled != scaled ? 1 : 0;
    }
    return not_a_number == 0 && largest < fixed_point_limit;
}

CLV_CLONES void add(const double* values, std::size_t count, double scale, std::int64_t* sums) {
    constexpr double shifter = 0x1.8p52;
    for (std::size_t i = 0; i < count; ++i) {
        sums[i] += std::bit_cast<std::int64_t>(values[i] * scale + shifter) - std::bit_cast<std::int64_t>(shifter);
    }
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

constexpr std::size_t chunk = 2'048;  // products below 2^52: this many stay below 2^63

}  // namespace

bool FixedPoint::to_units(std::span<const double> values, std::span<std::int64_t> units) const {
    return convert(values.data(), values.size(), scale_, units.data());
}

void FixedPoint::add_units(std::span<const double> values, std::span<std::int64_t> sums) const {
    add(values.data(), values.size(), scale_, sums.data());
}

MeanAndSpread mean_and_spread(std::span<const std::int64_t> units, double unit) {
    const auto count = static_cast<Wide>(units.size());
    if (count == 0) {
        return {0.0, 0.0, 0.0};
    }
    Wide sum = 0;
    for (std::size_t begin = 0; begin < units.size(); begin += chunk) {
        sum += sum_of(units.data() + begin, std::min(chunk, units.size() - begin));
    }
    const auto centre = static_cast<std::int64_t>(sum / count);
    Wide squares = 0;
    for (std::size_t begin = 0; begin < units.size(); begin += chunk) {
        const SquareSums part = squares_of(units.data() + begin, std::min(chunk, units.size() - begin), centre);
        squares += (static_cast<Wide>(part.high_high) << 52) + (static_cast<Wide>(part.high_low) << 27) +
                   static_cast<Wide>(part.low_low);
    }
    const auto n = static_cast<double>(count);
    const double mean = static_cast<double>(sum) * unit / n;
    if (count == 1) {
        return {mean, 0.0, 0.0};
    }
    const Wide rest = sum - count * centre;  // below count in magnitude
    const double sum_of_squares =
        static_cast<double>(squares) - static_cast<double>(rest) * static_cast<double>(rest) / n;
    const double sd = std::sqrt(sum_of_squares / (n - 1.0)) * unit;
    return {mean, sd / std::sqrt(n), sd};
}

}  // namespace clv
