#include "parameter_draws.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "clv/math/cholesky.hpp"

namespace clv {

std::size_t place_among(std::size_t size, const DrawPoints& points, DrawStream stream, std::size_t k) {
    return std::min(size - 1,
                    static_cast<std::size_t>(points.uniforms(stream, k, 1).front() * static_cast<double>(size)));
}

std::vector<FourParameters> draw_around(const FourParameters& parameters, const FourByFour& log_covariance,
                                        std::size_t count, std::size_t draws, const DrawPoints& points,
                                        DrawStream stream) {
    constexpr double farthest = 13.8;
    std::vector<FourParameters> result(draws, parameters);
    FourByFour identified = log_covariance;
    hold_unidentified(identified, count);
    std::vector<std::size_t> drawn;
    for (std::size_t i = 0; i < count; ++i) {
        if (identified[i][i] > 0.0) {
            drawn.push_back(i);
        }
    }
    const auto size = static_cast<Eigen::Index>(drawn.size());
    SmallMatrix covariance(size, size);
    for (std::size_t i = 0; i < drawn.size(); ++i) {
        for (std::size_t j = 0; j < drawn.size(); ++j) {
            covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = identified[drawn[i]][drawn[j]];
        }
    }
    const auto factor = drawn.empty() ? std::nullopt : factorise_small(covariance);
    if (!factor) {
        return result;
    }
    const SmallMatrix root = factor->matrixL();
    for (std::size_t k = 0; k < draws; ++k) {
        const std::vector<double> normal = points.normals(stream, k, drawn.size());
        const SmallVector deviation = root * Eigen::Map<const SmallVector>(normal.data(), size);
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            result[k][drawn[i]] *= std::exp(std::clamp(deviation[static_cast<Eigen::Index>(i)], -farthest, farthest));
        }
    }
    return result;
}

}  // namespace clv
