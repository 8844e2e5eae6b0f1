#include "clv/monitoring/drift/false_discovery.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <stdexcept>

namespace clv {

std::vector<double> adjusted_p_values(std::span<const double> p_values, FalseDiscovery method) {
    if (!std::ranges::all_of(p_values, [](double p) { return p >= 0.0 && p <= 1.0; })) {
        throw std::invalid_argument("p-values are in [0, 1]");
    }
    std::vector<std::size_t> order(p_values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t test) { return p_values[test]; });
    const auto tests = static_cast<double>(p_values.size());
    double factor = tests;
    if (method == FalseDiscovery::benjamini_yekutieli) {
        double harmonic = 0.0;
        for (std::size_t k = p_values.size(); k > 0; --k) {
            harmonic += 1.0 / static_cast<double>(k);
        }
        factor *= harmonic;
    }
    std::vector<double> adjusted(p_values.size());
    double least = 1.0;
    for (std::size_t rank = order.size(); rank > 0; --rank) {
        least = std::min(least, factor * p_values[order[rank - 1]] / static_cast<double>(rank));
        adjusted[order[rank - 1]] = least;
    }
    return adjusted;
}

}  // namespace clv
