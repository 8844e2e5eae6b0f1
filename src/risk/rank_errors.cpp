#include "clv/risk/rank_errors.hpp"

#include <algorithm>
#include <cmath>

namespace clv {

namespace {

constexpr double node_step = 0.8159686682137842;  // variance 1
constexpr std::array<double, rank_nodes> weight{0.017988209, 0.089096180, 0.232692180, 0.320446862,
                                                0.232692180, 0.089096180, 0.017988209};

}  // namespace

std::array<std::uint64_t, rank_nodes> ranks_around(std::uint64_t count, std::uint64_t rank, double spread) noexcept {
    const bool is_upper = 2 * rank > count + 1;
    const std::uint64_t from_end = is_upper ? count + 1 - rank : rank;
    const auto mean = static_cast<double>(from_end);
    const double relative = spread / mean;
    std::array<std::uint64_t, rank_nodes> ranks{};
    for (std::size_t node = 0; node < rank_nodes; ++node) {
        const double z = node_step * (static_cast<double>(node) - 3.0);
        const double root = std::max(0.0, 1.0 - relative * relative / 9.0 + z * relative / 3.0);
        const double at = std::clamp(std::ceil(mean * (root * root * root)), 1.0, static_cast<double>(count));
        const auto here = static_cast<std::uint64_t>(at);
        ranks[is_upper ? rank_nodes - 1 - node : node] = is_upper ? count + 1 - here : here;
    }
    return ranks;
}

double error_over_nodes(const std::array<double, rank_nodes>& values) noexcept {
    const double middle = values[rank_nodes / 2];
    double mean = 0.0;
    double squares = 0.0;
    for (std::size_t node = 0; node < rank_nodes; ++node) {
        const double distance = values[node] - middle;
        mean += weight[node] * distance;
        squares += weight[node] * distance * distance;
    }
    return std::sqrt(std::max(0.0, squares - mean * mean));
}

}  // namespace clv
