#include "free_coordinates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace clv {

std::array<double, 2> MixedPair::parameters(double mean, double alike) const {
    const double size = std::exp(alike);
    if (mixture == Mixture::gamma) {
        return {size, time * std::exp(alike - mean)};
    }
    return {size / (1.0 + std::exp(-mean)), size / (1.0 + std::exp(mean))};
}

std::array<double, 2> MixedPair::coordinates(double first, double second) const {
    return mixture == Mixture::gamma ? std::array{std::log(first / second * time), std::log(first)}
                                     : std::array{std::log(first / second), std::log(first + second)};
}

std::vector<std::string> said_of(const std::vector<OpenEnd>& ends, const std::vector<CoordinateWords>& words) {
    std::vector<std::string> sentences;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool low = std::ranges::find(ends, OpenEnd{i, false}) != ends.end();
        const bool high = std::ranges::find(ends, OpenEnd{i, true}) != ends.end();
        if (low || high) {
            sentences.push_back(fmt::format("not identified: {}. These data are about as likely if {}{}{}",
                                            words[i].what, low ? words[i].low : "", low && high ? ", or if " : "",
                                            high ? words[i].high : ""));
        }
    }
    return sentences;
}

}  // namespace clv
