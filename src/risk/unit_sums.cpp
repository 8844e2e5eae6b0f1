#include "clv/risk/unit_sums.hpp"

#include <cmath>

namespace clv {

double squares_about(const UnitSums& sums, std::uint64_t count, std::int64_t centre) {
    // squares - centre (2 sum - count centre), in 192 bits modulo 2^192; the result is never negative
    const Wide factor = 2 * sums.total() - static_cast<Wide>(count) * centre;
    const bool negative = (factor < 0) != (centre < 0);
    const auto magnitude = static_cast<std::uint64_t>(centre < 0 ? -centre : centre);
    const auto wide = static_cast<UnsignedWide>(factor < 0 ? -factor : factor);
    const UnsignedWide low_product = static_cast<UnsignedWide>(static_cast<std::uint64_t>(wide)) * magnitude;
    const UnsignedWide high_product = (wide >> 64) * magnitude + (low_product >> 64);

    const auto low = static_cast<std::uint64_t>(low_product);
    const UnsignedWide high = static_cast<UnsignedWide>(sums.squares[2]) << 64 | sums.squares[1];
    std::uint64_t rest_low = 0;
    UnsignedWide rest_high = 0;
    if (negative) {
        rest_low = sums.squares[0] + low;
        rest_high = high + high_product + (rest_low < low ? 1 : 0);
    } else {
        rest_low = sums.squares[0] - low;
        rest_high = high - high_product - (sums.squares[0] < low ? 1 : 0);
    }
    if (rest_high >> 64 == 0) {
        return static_cast<double>(rest_high << 64 | rest_low);
    }
    // a last bit that stands for all that are cut off keeps the rounding right
    return std::ldexp(static_cast<double>(rest_high | (rest_low != 0 ? 1 : 0)), 64);
}

}  // namespace clv
