#include "clv/monitoring/drift/effect_size.hpp"

#include <cmath>
#include <limits>

#include "clv/risk/wilson_interval.hpp"

namespace clv {

namespace {

constexpr double not_defined = std::numeric_limits<double>::quiet_NaN();

/// Sums of eight values at a time stand side by side, so that none waits for the one before.
template <class Term>
double sum_of(std::span<const double> values, Term term) {
    double sums[8] = {};
    std::size_t at = 0;
    for (; at + 8 <= values.size(); at += 8) {
        for (std::size_t k = 0; k < 8; ++k) {
            sums[k] += term(values[at + k]);
        }
    }
    for (std::size_t k = 0; at < values.size(); ++at, ++k) {
        sums[k] += term(values[at]);
    }
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

/// Central moments.
struct Moments {
    double size = 0.0;
    double mean = 0.0;
    double second = 0.0;  ///< sums of powers of value - mean
    double third = 0.0;
    double fourth = 0.0;

    [[nodiscard]] double variance() const { return second / (size - 1.0); }
    /// Variance over the sample of (x - mean) / s - by (x - mean)^2 / s^2.
    [[nodiscard]] double influence(double s, double by) const {
        const double v = second / size;
        const double squares = fourth / size - v * v;
        return v / (s * s) - 2.0 * by * (third / size) / (s * s * s) + by * by * squares / (s * s * s * s);
    }
};

Moments moments_of(std::span<const double> values) {
    Moments of;
    of.size = static_cast<double>(values.size());
    of.mean = sum_of(values, [](double x) { return x; }) / of.size;
    const double mean = of.mean;
    of.second = sum_of(values, [mean](double x) { return (x - mean) * (x - mean); });
    of.third = sum_of(values, [mean](double x) { return (x - mean) * (x - mean) * (x - mean); });
    of.fourth = sum_of(values, [mean](double x) { return ((x - mean) * (x - mean)) * ((x - mean) * (x - mean)); });
    return of;
}

}  // namespace

Estimate standardised_difference(std::span<const double> baseline, std::span<const double> current) {
    Estimate estimate{"standardised_difference", "sd", not_defined, not_defined, not_defined, not_defined,
                      "delta method, 95%"};
    if (baseline.size() < 2 || current.size() < 2) {
        return estimate;
    }
    const Moments before = moments_of(baseline);
    const Moments now = moments_of(current);
    const double s = std::sqrt(0.5 * (before.variance() + now.variance()));
    const double difference = now.mean - before.mean;
    if (!(s > 0.0)) {
        estimate.value = difference == 0.0 ? 0.0 : std::copysign(std::numeric_limits<double>::infinity(), difference);
        return estimate;
    }
    estimate.value = difference / s;
    const double by = estimate.value / 4.0;
    estimate.se = std::sqrt(now.influence(s, by) / now.size + before.influence(s, -by) / before.size);
    estimate.low = estimate.value - normal_97_5 * estimate.se;
    estimate.high = estimate.value + normal_97_5 * estimate.se;
    return estimate;
}

}  // namespace clv
