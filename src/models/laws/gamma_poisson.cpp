#include "gamma_poisson.hpp"

#include <cmath>

#include "clv/math/quadrature.hpp"

namespace clv {

Slope gamma_poisson_log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at) {
    const auto [r, alpha, unused_a, unused_b] = at;
    Slope sum;
    double j = 0.0;
    for (const double weight : rows.weight_above()) {  // r (r + 1) .. (r + x - 1)
        sum.value += weight * std::log(r + j);
        sum.gradient[0] += weight / (r + j);
        j += 1.0;
    }
    for (const PurchaseRows::AtAge& each : rows.ages()) {  // alpha^r (alpha + T)^-(r + x)
        const double grown = std::log1p(each.age / alpha);
        sum.value -= r * each.weight * grown + each.purchases * std::log(alpha + each.age);
        sum.gradient[0] -= each.weight * grown;
        sum.gradient[1] += (r * each.weight * each.age / alpha - each.purchases) / (alpha + each.age);
    }
    return sum;
}

double gamma_poisson_expected(const PurchaseParameters& at, double t) {
    return at[0] * t / at[1];
}

double gamma_poisson_discounted(const PurchaseParameters& at, double rate) {
    return at[0] / at[1] / rate;
}

double gamma_poisson_probability(double r, double alpha, int n, double t) {
    if (t <= 0.0) {
        return n == 0 ? 1.0 : 0.0;
    }
    double log_probability = -r * std::log1p(t / alpha) - (n > 0 ? n * std::log1p(alpha / t) : 0.0);
    for (int j = 0; j < n; ++j) {
        log_probability += std::log((r + j) / (1.0 + j));
    }
    return std::exp(log_probability);
}

double gamma_poisson_count_probability(const PurchaseParameters& at, int n, double t) {
    return gamma_poisson_probability(at[0], at[1], n, t);
}

double discounted_integral(double rate, const std::function<double(double t)>& intensity) {
    return unit_integral([&](double, double log_z, double log_rest, double log_weight) {
               const double t = std::exp(log_z - log_rest);
               return t > 745.0 ? 0.0 : std::exp(log_weight - 2.0 * log_rest - t) * intensity(t / rate);
           }) /
           rate;
}

}  // namespace clv
