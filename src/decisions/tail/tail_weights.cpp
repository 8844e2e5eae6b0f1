#include "tail_weights.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "clv/decisions/tail/mean_cvar.hpp"

namespace clv {

namespace {

/// Paths from the worst on, as many as reach into the tail.
std::vector<std::size_t> tail_paths(std::span<const double> values, const DecimalLevel& level) {
    std::vector<std::size_t> path(values.size());
    std::iota(path.begin(), path.end(), std::size_t{0});
    const auto last = path.begin() + static_cast<std::ptrdiff_t>(
                                         std::min<std::uint64_t>(level.whole(values.size()) + 1, values.size()));
    std::partial_sort(path.begin(), last, path.end(), [&](std::size_t a, std::size_t b) {
        return values[a] != values[b] ? values[a] < values[b] : a < b;
    });
    path.erase(last, path.end());
    return path;
}

}  // namespace

double cvar_of(std::span<const double> values, double level) {
    const DecimalLevel decimal(level);
    const std::vector<std::size_t> path = tail_paths(values, decimal);
    const std::uint64_t whole = decimal.whole(values.size());
    const double fraction = decimal.fraction(values.size());
    double sum = 0.0;
    for (std::size_t k = 0; k < path.size(); ++k) {
        sum += (k < whole ? 1.0 : fraction) * values[path[k]];
    }
    return sum / (static_cast<double>(whole) + fraction);
}

namespace decisions {

double mean_of(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<double> tail_weights(std::span<const double> values, const DecimalLevel& level) {
    const std::vector<std::size_t> path = tail_paths(values, level);
    const std::uint64_t whole = level.whole(values.size());
    const double in_tail = static_cast<double>(whole) + level.fraction(values.size());
    std::vector<double> weights(values.size(), 0.0);
    for (std::size_t k = 0; k < path.size(); ++k) {
        weights[path[k]] = (k < whole ? 1.0 : level.fraction(values.size())) / in_tail;
    }
    return weights;
}

std::vector<double> nearest_weights(const Eigen::VectorXd& wanted, double most) {
    double low = wanted.minCoeff() - most - 1.0;
    double high = wanted.maxCoeff();
    for (int k = 0; k < 100; ++k) {
        const double shift = 0.5 * (low + high);
        ((wanted.array() - shift).max(0.0).min(most).sum() > 1.0 ? low : high) = shift;
    }
    const Eigen::ArrayXd nearest = (wanted.array() - high).max(0.0).min(most);
    return {nearest.begin(), nearest.end()};
}

}  // namespace decisions

}  // namespace clv
