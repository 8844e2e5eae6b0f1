#pragma once
// Parameters of the laws as coordinates without bounds: two for every mixture over customers, its mean and how alike
// customers are in it. Limits of a law are ends of coordinates. Internal to the models.
//
//   gamma   shape k, rate h, a mean per unit of time    ln of the mean over a typical time     ln k
//   beta    shapes a, b of a chance                     ln of the odds a / b                   ln(a + b)

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "clv/math/maximise.hpp"
#include "likelihood_draws.hpp"

namespace clv {

enum class Mixture { gamma, beta };

struct MixedPair {
    Mixture mixture;
    double time = 1.0;  ///< typical, of a gamma mixture

    [[nodiscard]] std::array<double, 2> parameters(double mean, double alike) const;
    [[nodiscard]] std::array<double, 2> coordinates(double first, double second) const;
};

/// What is to be said of a coordinate of which the data leave an end open.
struct CoordinateWords {
    std::string what;  ///< "how often customers buy"
    std::string low;   ///< "nobody ever buys again"
    std::string high;
};

/// One sentence for every coordinate with an open end, and one of what simulations make of it where there is any.
[[nodiscard]] std::vector<std::string> said_of(const std::vector<OpenEnd>& ends,
                                               const std::vector<CoordinateWords>& words);

}  // namespace clv
