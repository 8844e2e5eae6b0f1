#pragma once
// Draws of fitted parameters from the normal approximation to their likelihood. Internal to the models.

#include <cstddef>
#include <vector>

#include "clv/math/log_maximum.hpp"
#include "clv/models/draw_points.hpp"

namespace clv {

/// Normal draws around the logarithms of `parameters`.
[[nodiscard]] std::vector<FourParameters> draw_around(const FourParameters& parameters,
                                                      const FourByFour& log_covariance, std::size_t count,
                                                      std::size_t draws, const DrawPoints& points, DrawStream stream);

}  // namespace clv
