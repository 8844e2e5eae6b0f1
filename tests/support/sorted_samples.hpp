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

/// Uniform values in ascending order: sums of exponential ones, over their total.
inline std::vector<double> sorted_uniforms(std::mt19937_64& engine, std::size_t size) {
    std::exponential_distribution<double> exponential;
    std::vector<double> values(size);
    double sum = 0.0;
    for (double& value : values) {
        sum += exponential(engine);
        value = sum;
    }
    sum += exponential(engine);
    std::ranges::transform(values, values.begin(), [sum](double value) { return value / sum; });
    return values;
}

}  // namespace clv
