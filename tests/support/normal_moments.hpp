#pragma once
// Moments and tails of a long stream of standard normals against their expectations, in standard errors. Moments are
// taken about the true mean 0, so that their expectations and variances are exact: E z^4 = 3, var z^4 = 96, and so on.

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "clv/random/samplers.hpp"

namespace clv::test {

struct Deviation {
    std::string name;
    double value;  ///< as drawn
    double expected;
    double se;
    [[nodiscard]] double z() const { return (value - expected) / se; }
};

class NormalMoments {
  public:
    void add(double x) {
        const double square = x * x;
        sums_[0] += x;
        sums_[1] += square;
        sums_[2] += square * x;
        sums_[3] += square * square;
        for (std::size_t tail = 0; tail < tails_.size(); ++tail) {
            tails_[tail] += std::abs(x) > static_cast<double>(tail + 3) ? 1 : 0;
        }
        ++count_;
    }

    [[nodiscard]] std::vector<Deviation> deviations() const {
        const auto n = static_cast<double>(count_);
        const double one_se = 1.0 / std::sqrt(n);
        std::vector<Deviation> all{{"mean", sums_[0] / n, 0.0, one_se},
                                   {"variance", sums_[1] / n, 1.0, std::sqrt(2.0) * one_se},
                                   {"skewness", sums_[2] / n, 0.0, std::sqrt(15.0) * one_se},
                                   {"kurtosis", sums_[3] / n, 3.0, std::sqrt(96.0) * one_se}};
        for (std::size_t tail = 0; tail < tails_.size(); ++tail) {
            const auto distance = static_cast<double>(tail + 3);
            const double share = std::erfc(distance / std::sqrt(2.0));
            all.push_back({"beyond " + std::to_string(tail + 3) + " sd", static_cast<double>(tails_[tail]), n * share,
                           std::sqrt(n * share * (1.0 - share))});
        }
        return all;
    }

  private:
    std::array<double, 4> sums_{};
    std::array<std::int64_t, 3> tails_{};
    std::int64_t count_ = 0;
};

/// `blocks` blocks of Philox, four normals each, through `distort`.
template <class Distort>
NormalMoments draw_normals(std::uint32_t blocks, std::uint32_t seed, Distort distort) {
    NormalMoments moments;
    for (std::uint32_t i = 0; i < blocks; ++i) {
        const auto block = philox<std::uint32_t>(draw_address(Purpose::revenue, 0), i, 0U, 0U, seed, 0U);
        for (const int word : {0, 2}) {
            const auto pair = normal_pair<float>(block.word[word], block.word[word + 1]);
            moments.add(distort(static_cast<double>(pair.first)));
            moments.add(distort(static_cast<double>(pair.second)));
        }
    }
    return moments;
}

}  // namespace clv::test
