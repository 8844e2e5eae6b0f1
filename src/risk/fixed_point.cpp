#include "clv/risk/fixed_point.hpp"

namespace clv {

namespace {
__extension__ using Wide = __int128;
}

MeanAndSpread mean_and_spread(std::span<const std::int64_t> units, double unit) {
    const auto count = static_cast<Wide>(units.size());
    if (count == 0) {
        return {0.0, 0.0, 0.0};
    }
    Wide sum = 0;
    for (const std::int64_t value : units) {
        sum += value;
    }
    const auto centre = static_cast<std::int64_t>(sum / count);
    Wide squares = 0;
    for (const std::int64_t value : units) {
        const std::int64_t deviation = value - centre;
        squares += static_cast<Wide>(deviation) * deviation;
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
