#pragma once
// A smooth function in double over a short interval, as a Chebyshev series through a few of its exact values: as good
// as the function itself, and cheap enough to ask for at every float.

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace clv::bench {

class ReferenceSeries {
  public:
    static constexpr std::size_t terms = 8;

    /// `exact` in [low, high], low < high. The relative error is that of double where the distance to the nearest
    /// singularity is at least 16 times the interval's width.
    template <class Function>
    ReferenceSeries(double low, double high, Function exact)
        : middle_(0.5 * (low + high)), per_half_width_(2.0 / (high - low)) {
        constexpr double n = terms;
        std::array<double, terms> value;
        for (std::size_t node = 0; node < terms; ++node) {
            const double angle = std::numbers::pi * (static_cast<double>(node) + 0.5) / n;
            value[node] = exact(middle_ + 0.5 * (high - low) * std::cos(angle));
        }
        for (std::size_t term = 0; term < terms; ++term) {
            double sum = 0.0;
            for (std::size_t node = 0; node < terms; ++node) {
                sum += value[node] *
                       std::cos(std::numbers::pi * static_cast<double>(term) * (static_cast<double>(node) + 0.5) / n);
            }
            coefficient_[term] = sum * (term == 0 ? 1.0 : 2.0) / n;
        }
    }

    /// By Clenshaw's recurrence.
    [[nodiscard]] double operator()(double at) const {
        const double x = (at - middle_) * per_half_width_;
        double later = 0.0;
        double next = 0.0;
        for (std::size_t term = terms - 1; term > 0; --term) {
            const double here = coefficient_[term] + 2.0 * x * next - later;
            later = next;
            next = here;
        }
        return coefficient_[0] + x * next - later;
    }

  private:
    double middle_;
    double per_half_width_;
    std::array<double, terms> coefficient_;
};

}  // namespace clv::bench
