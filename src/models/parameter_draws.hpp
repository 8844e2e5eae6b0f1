#pragma once
// Draws of fitted parameters from the normal approximation to their likelihood. Internal to the models.

#include <cstddef>
#include <vector>

#include "clv/math/log_maximum.hpp"
#include "clv/models/draw_points.hpp"

namespace clv {

/// Which of `size` draws that a fit holds draw `k` is: where the first of its coordinates stands among them.
[[nodiscard]] std::size_t place_among(std::size_t size, const DrawPoints& points, DrawStream stream, std::size_t k);

/// Normal draws around the logarithms of `parameters`, by no more than a factor of a million.
[[nodiscard]] std::vector<FourParameters> draw_around(const FourParameters& parameters,
                                                      const FourByFour& log_covariance, std::size_t count,
                                                      std::size_t draws, const DrawPoints& points, DrawStream stream);

}  // namespace clv
