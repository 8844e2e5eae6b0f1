#pragma once
// Maximum of a likelihood over the logarithms of up to four parameters.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "clv/models/fit_status.hpp"

namespace clv {

using FourParameters = std::array<double, 4>;
using FourByFour = std::array<std::array<double, 4>, 4>;

struct LogMaximum {
    FourParameters parameters{};       ///< natural scale
    FourParameters standard_errors{};  ///< natural scale; NaN unless converged
    FourByFour log_covariance{};       ///< 0 unless converged
    double value = 0.0;
    FitStatus status = FitStatus::not_converged;
};

/// Every parameter is sought from 1e-6 to 1e6 times its `scale`, from all starts.
[[nodiscard]] LogMaximum maximise(const std::function<double(const FourParameters&)>& likelihood, std::size_t count,
                                  const FourParameters& scale, const std::vector<FourParameters>& starts);

/// Normal draws around the logarithms of `parameters`.
[[nodiscard]] std::vector<FourParameters> draw_around(const FourParameters& parameters,
                                                      const FourByFour& log_covariance, std::size_t count,
                                                      std::size_t draws, std::uint64_t seed);

}  // namespace clv
