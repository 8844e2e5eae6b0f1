#pragma once
// Whether many estimates agree with their truth: each within 4 standard errors, and the mean of z^2 within
// 4 sqrt(2/n) of 1.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

namespace clv::test {

struct Agreement {
    double worst_z = 0.0;
    double mean_square = 0.0;
    double bound_on_mean_square_error = 0.0;
    [[nodiscard]] bool holds() const {
        return worst_z < 4.0 && std::abs(mean_square - 1.0) < bound_on_mean_square_error;
    }
};

/// z-scores of estimates against their truth.
inline Agreement agreement(const std::vector<double>& estimate, const std::vector<double>& se,
                           const std::function<double(std::size_t)>& truth) {
    Agreement result;
    double count = 0.0;
    for (std::size_t i = 0; i < estimate.size(); ++i) {
        if (se[i] <= 0.0) {
            continue;
        }
        const double z = (estimate[i] - truth(i)) / se[i];
        result.worst_z = std::max(result.worst_z, std::abs(z));
        result.mean_square += z * z;
        count += 1.0;
    }
    result.mean_square /= count;
    result.bound_on_mean_square_error = 4.0 * std::sqrt(2.0 / count);
    return result;
}

}  // namespace clv::test
