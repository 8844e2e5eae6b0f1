#include "clv/math/covariance.hpp"

#include <cmath>
#include <cstddef>

#include "clv/math/cholesky.hpp"

namespace clv {

bool is_covariance(const std::vector<std::vector<double>>& rows) {
    constexpr double rounding = 1.0e-6;  // of correlations
    const std::size_t count = rows.size();
    std::vector<double> sd;
    for (std::size_t i = 0; i < count; ++i) {
        if (rows[i].size() != count || !(rows[i][i] >= 0.0) || std::isinf(rows[i][i])) {
            return false;
        }
        sd.push_back(std::sqrt(rows[i][i]));
    }
    const auto size = static_cast<Eigen::Index>(count);
    Eigen::MatrixXd correlation = (1.0 + rounding) * Eigen::MatrixXd::Identity(size, size);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const double scale = sd[i] * sd[j];
            const double value = scale > 0.0 ? rows[i][j] / scale : rows[i][j];
            const double mirrored = scale > 0.0 ? rows[j][i] / scale : rows[j][i];
            if (!(std::abs(value - mirrored) <= rounding) || (scale == 0.0 && value != 0.0)) {
                return false;
            }
            correlation(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = value;
            correlation(static_cast<Eigen::Index>(j), static_cast<Eigen::Index>(i)) = value;
        }
    }
    return count == 0 || factorise(correlation).has_value();
}

}  // namespace clv
