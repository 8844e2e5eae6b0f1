#include "parameter_draws.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "clv/math/cholesky.hpp"
#include "clv/random/philox.hpp"

namespace clv {

std::vector<double> parameter_normals(std::size_t count, std::size_t k, std::uint64_t seed) {
    constexpr double unit = 0x1p-32;
    std::vector<double> normal;
    for (std::uint32_t pair = 0; normal.size() < count; ++pair) {
        const PhiloxBlock<std::uint32_t> block =
            philox<std::uint32_t>(draw_address(Purpose::parameters, pair), static_cast<std::uint32_t>(k), 0, 0,
                                  static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
        const double radius = std::sqrt(-2.0 * std::log((block.word[0] + 0.5) * unit));
        const double angle = 2.0 * std::numbers::pi * (block.word[1] + 0.5) * unit;
        normal.push_back(radius * std::cos(angle));
        normal.push_back(radius * std::sin(angle));
    }
    return normal;
}

std::size_t place_among(std::size_t size, std::size_t k, std::uint64_t seed) {
    const double below = 0.5 * std::erfc(-parameter_normals(1, k, seed).front() / std::numbers::sqrt2);
    return std::min(size - 1, static_cast<std::size_t>(below * static_cast<double>(size)));
}

std::vector<FourParameters> draw_around(const FourParameters& parameters, const FourByFour& log_covariance,
                                        std::size_t count, std::size_t draws, std::uint64_t seed) {
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
        const std::vector<double> normal = parameter_normals(count, k, seed);
        const SmallVector deviation = root * Eigen::Map<const SmallVector>(normal.data(), size);
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            result[k][drawn[i]] *= std::exp(std::clamp(deviation[static_cast<Eigen::Index>(i)], -farthest, farthest));
        }
    }
    return result;
}

}  // namespace clv
