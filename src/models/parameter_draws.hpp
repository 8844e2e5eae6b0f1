#pragma once
// Draws of fitted parameters from the normal approximation to their likelihood, by Philox. Internal to the models.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "clv/math/log_maximum.hpp"

namespace clv {

/// Standard normals of draw `k` of fitted parameters, `count` and perhaps one more (Box, Muller 1958, "A note on the
/// generation of random normal deviates").
[[nodiscard]] std::vector<double> parameter_normals(std::size_t count, std::size_t k, std::uint64_t seed);

/// Which of `size` draws that a fit holds draw `k` is: where the first of its normals stands in their distribution.
[[nodiscard]] std::size_t place_among(std::size_t size, std::size_t k, std::uint64_t seed);

/// Normal draws around the logarithms of `parameters`, by no more than a factor of a million.
[[nodiscard]] std::vector<FourParameters> draw_around(const FourParameters& parameters,
                                                      const FourByFour& log_covariance, std::size_t count,
                                                      std::size_t draws, std::uint64_t seed);

}  // namespace clv
