#include "clv/simulation/precision.hpp"

#include <algorithm>
#include <cmath>

namespace clv {

double error_ratio(const PrecisionTarget& target, double mean, double mean_se, std::optional<double> quantile_se) {
    const double error = std::max(mean_se, quantile_se.value_or(0.0));
    const double allowed = target.kind == PrecisionKind::relative ? target.se * std::abs(mean) : target.se;
    return error == 0.0 ? 0.0 : error / allowed;
}

std::int64_t paths_after_next_round(const SimulationSettings& settings, std::int64_t used, double ratio) {
    constexpr std::int64_t independent_step = 64;
    const std::int64_t first = settings.paths;
    const std::int64_t step = settings.has_replicates() ? first : independent_step;
    const std::int64_t most = settings.most_paths();
    const double wanted = static_cast<double>(used) * std::max(ratio * ratio, 2.0);
    if (!(wanted < static_cast<double>(most))) {
        return most;
    }
    const std::int64_t extra = static_cast<std::int64_t>(std::ceil(wanted)) - first;
    return std::min(first + (extra + step - 1) / step * step, most);
}

}  // namespace clv
