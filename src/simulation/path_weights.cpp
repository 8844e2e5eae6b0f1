#include "clv/simulation/path_weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "clv/core/errors.hpp"

namespace clv {

double PathWeights::mean(Wide weighted_units, double unit) const noexcept {
    return static_cast<double>(weighted_units) * unit / static_cast<double>(total);
}

double PathWeights::mean(std::span<const std::int64_t> units, double unit) const {
    if (units.size() != whole.size()) {
        throw std::logic_error(fmt::format("units of {} paths for the weights of {}", units.size(), whole.size()));
    }
    Wide sum = 0;
    for (std::size_t path = 0; path < units.size(); ++path) {
        sum += static_cast<Wide>(units[path]) * whole[path];
    }
    return mean(sum, unit);
}

PathWeights whole_weights(std::span<const double> weights) {
    constexpr double tolerance = 1e-6;
    PathWeights result;
    double sum = 0.0;
    double most = 0.0;
    for (std::size_t path = 0; path < weights.size(); ++path) {
        if (!(weights[path] >= 0.0 && std::isfinite(weights[path]))) {
            throw ConfigError(
                fmt::format("path {} has the weight {} (path_weights): give numbers of at least 0 that "
                            "sum to 1",
                            path, weights[path]));
        }
        sum += weights[path];
        most = std::max(most, weights[path]);
    }
    if (!weights.empty() && !(std::abs(sum - 1.0) <= tolerance)) {
        throw ConfigError(fmt::format("the weights of all {} paths sum to {} (path_weights): divide them by it",
                                      weights.size(), sum));
    }
    result.whole.reserve(weights.size());
    for (const double weight : weights) {
        const auto whole = static_cast<std::uint32_t>(std::llrint(weight / most * double{PathWeights::largest}));
        result.whole.push_back(whole);
        result.total += whole;
    }
    return result;
}

}  // namespace clv
