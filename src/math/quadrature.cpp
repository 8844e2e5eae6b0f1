#include "clv/math/quadrature.hpp"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numbers>

namespace clv {

double unit_integral(const UnitIntegrand& f, double size) {
    constexpr double reach = 7.5;  // z = e^-pi sinh(7.5): beyond any double
    double step = 0.5;
    double sum = 0.0;
    const auto term = [&](double u) {
        const double y = std::numbers::pi * std::sinh(u);
        const double e = std::exp(-std::abs(y));
        const double small = e / (1.0 + e);
        const double large = 1.0 / (1.0 + e);
        const double log_small = -std::abs(y) - std::log1p(e);
        const double log_large = -std::log1p(e);
        const double log_weight = log_small + log_large + std::log(std::numbers::pi * std::cosh(u));
        return y < 0.0 ? f(small, log_small, log_large, log_weight) : f(large, log_large, log_small, log_weight);
    };
    for (double u = -reach; u <= reach; u += step) {
        sum += term(u);
    }
    double integral = sum * step;
    for (int level = 0; level < 9; ++level) {
        for (double u = -reach + 0.5 * step; u <= reach; u += step) {
            sum += term(u);
        }
        step *= 0.5;
        const double finer = sum * step;
        const bool settled = std::abs(finer - integral) <= 1.0e-12 * (std::abs(finer) + size);
        integral = finer;
        if (settled && level > 1) {
            break;
        }
    }
    return integral;
}

double log_gamma_ratio(double z, double a) {
    if (z < 20.0) {
        return boost::math::lgamma(z + a) - boost::math::lgamma(z);
    }
    const auto series = [](double y) { return (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * y * y)) / (y * y)) / y; };
    return (z - 0.5) * std::log1p(a / z) + a * std::log(z + a) - a + series(z + a) - series(z);
}

namespace {

/// Of a narrow beta distribution, whose peak the unit integral's points may miss: the trapezoidal rule over the
/// logarithm of the odds, from 12 of its standard deviations below the peak to 12 above.
double narrow_beta_expectation(double a, double b, const std::function<double(double p)>& g) {
    constexpr int points = 48;  // on either side
    const double peak = a / (a + b);
    const double step = 12.0 / points * std::sqrt(1.0 / a + 1.0 / b);
    double sum = 0.0;
    double weights = 0.0;
    for (int k = -points; k <= points; ++k) {
        const double odds = std::expm1(k * step);  // relative to those of the peak, less 1
        const double weight = std::exp(a * (k * step) - (a + b) * std::log1p(peak * odds));
        weights += weight;
        sum += weight * g(peak * (1.0 + odds) / (1.0 + peak * odds));
    }
    return sum / weights;
}

}  // namespace

double beta_expectation(double a, double b, const std::function<double(double p)>& g) {
    constexpr double narrow = 20.0;
    if (std::min(a, b) >= narrow) {
        return narrow_beta_expectation(a, b, g);
    }
    const double norm =
        a < b ? log_gamma_ratio(b, a) - boost::math::lgamma(a) : log_gamma_ratio(a, b) - boost::math::lgamma(b);
    const double at_zero = g(0.0);
    return at_zero +
           unit_integral(
               [&](double p, double log_p, double log_q, double log_weight) {
                   return std::exp(norm + (a - 1.0) * log_p + (b - 1.0) * log_q + log_weight) * (g(p) - at_zero);
               },
               std::abs(at_zero));
}

}  // namespace clv
