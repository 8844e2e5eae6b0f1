#include "clv/risk/fixed_point.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "clv/core/instruction_clones.hpp"
#include "clv/core/progress.hpp"

namespace clv {

namespace {

// Adding 1.5 x 2^52 rounds a double below 2^51 to an integer, which then stands in its low bits. Larger ones, which are
// rare, go through llrint with the same result.
constexpr double shifter = 0x1.8p52;
constexpr double shifter_limit = 0x1p51;

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

CLV_CLONES SmallUnitSums small_sums_of(const std::int64_t* units, std::size_t count) {
    SmallUnitSums sums;
    for (std::size_t i = 0; i < count; ++i) {
        sums.add(units[i]);
    }
    return sums;
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
    bool fits = true;
    in_stretches(values.size(), [&](std::size_t begin, std::size_t end) {
        const auto part = values.subspan(begin, end - begin);
        const double largest = largest_of(part.data(), part.size(), scale_);
        fits = fits && largest < fixed_point_limit;
        if (!fits) {
            return;
        }
        if (largest < shifter_limit) {
            convert_small(part.data(), part.size(), scale_, units.data() + begin);
        } else {
            std::ranges::transform(part, units.begin() + static_cast<std::ptrdiff_t>(begin),
                                   [&](double value) { return this->units(value); });
        }
    });
    return fits;
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

void OrderFreeSum::add(double value) noexcept {
    constexpr int mantissa_bits = 53;
    int exponent = 0;
    const auto mantissa = static_cast<std::int64_t>(std::ldexp(std::frexp(value, &exponent), mantissa_bits));
    // Bits below the last one of a subnormal number are zero.
    const int place = std::max(exponent - mantissa_bits - lowest_exponent, 0);
    const int lost = place - (exponent - mantissa_bits - lowest_exponent);
    bins_[static_cast<std::size_t>(place / bits_per_bin)] += static_cast<Wide>(mantissa >> lost)
                                                             << (place % bits_per_bin);
}

void OrderFreeSum::add(const OrderFreeSum& others) noexcept {
    for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
        bins_[bin] += others.bins_[bin];
    }
}

double OrderFreeSum::value() const noexcept {
    double sum = 0.0;
    for (int bin = 0; bin < bins; ++bin) {
        sum +=
            std::ldexp(static_cast<double>(bins_[static_cast<std::size_t>(bin)]), lowest_exponent + bin * bits_per_bin);
    }
    return sum;
}

double OrderFreeSum::nearest() const noexcept {
    const int side = sign();
    __extension__ using Magnitude = unsigned __int128;
    Magnitude digits = 0;  // the highest three that are not 0, and whether anything stands below them
    Wide carry = 0;
    std::array<std::uint32_t, bins + 4> all{};  // of the magnitude; a carry fits four more
    for (std::size_t k = 0; k < all.size(); ++k) {
        const Wide here = (k < bins_.size() ? side * bins_[k] : 0) + carry;
        carry = here >> bits_per_bin;
        all[k] = static_cast<std::uint32_t>(here & 0xFFFFFFFF);
    }
    std::size_t top = all.size();
    while (top > 0 && all[top - 1] == 0) {
        --top;
    }
    const std::size_t lowest = top > 3 ? top - 3 : 0;
    for (std::size_t k = top; k-- > lowest;) {
        digits = (digits << bits_per_bin) | all[k];
    }
    for (std::size_t k = 0; k < lowest; ++k) {
        digits |= all[k] != 0 ? 1U : 0U;
    }
    const int place = lowest_exponent + static_cast<int>(lowest) * bits_per_bin;
    return side * std::ldexp(static_cast<double>(digits), place);
}

int OrderFreeSum::sign() const noexcept {
    Wide carry = 0;
    bool is_whole = true;  // nothing is left in the bins so far
    for (const Wide bin : bins_) {
        const Wide here = bin + carry;
        carry = here >> bits_per_bin;  // towards minus infinity
        is_whole = is_whole && here == carry * (Wide{1} << bits_per_bin);
    }
    return carry < 0 ? -1 : (carry > 0 || !is_whole ? 1 : 0);
}

double order_free_sum(std::span<const double> values) noexcept {
    OrderFreeSum sum;
    for (const double value : values) {
        sum.add(value);
    }
    return sum.value();
}

UnitSums sums_of(std::span<const std::int64_t> units) {
    UnitSums sums;
    for (std::size_t begin = 0; begin < units.size(); begin += SmallUnitSums::most) {
        throw_if_interrupted();
        const auto part = units.subspan(begin, std::min<std::size_t>(SmallUnitSums::most, units.size() - begin));
        if (largest_units(part.data(), part.size()) < SmallUnitSums::limit) {
            sums.add(small_sums_of(part.data(), part.size()));
        } else {
            for (const std::int64_t each : part) {
                sums.add(each);
            }
        }
    }
    return sums;
}

MeanAndSpread mean_and_spread(const UnitSums& sums, std::uint64_t count, double unit) {
    if (count == 0) {
        return {0.0, 0.0, 0.0};
    }
    const Wide sum = sums.total();
    const auto n = static_cast<double>(count);
    const double mean = static_cast<double>(sum) * unit / n;
    if (count == 1) {
        return {mean, 0.0, 0.0};
    }
    const auto centre = static_cast<std::int64_t>(sum / static_cast<Wide>(count));
    const auto rest = static_cast<double>(sum - static_cast<Wide>(count) * centre);  // below count in magnitude
    const double squares = squares_about(sums, count, centre) - rest * rest / n;
    const double sd = std::sqrt(std::max(squares, 0.0) / (n - 1.0)) * unit;
    return {mean, sd / std::sqrt(n), sd};
}

MeanAndSpread mean_and_spread(std::span<const std::int64_t> units, double unit) {
    return mean_and_spread(sums_of(units), units.size(), unit);
}

MeanAndSpread pool(const MeanAndSpread& a, std::uint64_t count_a, const MeanAndSpread& b, std::uint64_t count_b) {
    const auto n = static_cast<double>(count_a);
    const auto m = static_cast<double>(count_b);
    const double apart = b.mean - a.mean;
    const double squares = (n - 1.0) * a.sd * a.sd + (m - 1.0) * b.sd * b.sd + apart * apart * (n * (m / (n + m)));
    const double sd = std::sqrt(squares / (n + m - 1.0));
    return {a.mean + apart * (m / (n + m)), sd / std::sqrt(n + m), sd};
}

}  // namespace clv
