#pragma once

#include <algorithm>
#include <cstddef>
#include <random>
#include <vector>

namespace clv {

/// A sample of a normal distribution with standard deviation 1, in ascending order.
inline std::vector<double> sorted_normals(std::mt19937_64& engine, std::size_t size, double mean = 0.0) {
    std::normal_distribution<double> normal(mean, 1.0);
    std::vector<double> values(size);
    std::ranges::generate(values, [&] { return normal(engine); });
    std::ranges::sort(values);
    return values;
}

}  // namespace clv
