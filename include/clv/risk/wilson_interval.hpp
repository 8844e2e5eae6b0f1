#pragma once

#include <cmath>

namespace clv {

/// 97.5% quantile of the standard normal.
inline constexpr double normal_97_5 = 1.959963984540054;

struct ShareInterval {
    double low;
    double high;
};

/// Wilson's 95% interval (1927) of a share, `events` of `all`: the roots of (share - p)^2 = z^2 p (1 - p) / all. NaN
/// where all is 0.
[[nodiscard]] inline ShareInterval wilson_interval(double events, double all) {
    constexpr double z_squared = normal_97_5 * normal_97_5;
    const double middle = (events + z_squared / 2.0) / (all + z_squared);
    const double half_width =
        normal_97_5 * std::sqrt(events * (all - events) / all + z_squared / 4.0) / (all + z_squared);
    return {events == 0.0 && all > 0.0 ? 0.0 : middle - half_width,
            events == all && all > 0.0 ? 1.0 : middle + half_width};
}

}  // namespace clv
