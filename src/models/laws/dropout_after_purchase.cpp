#include "dropout_after_purchase.hpp"

#include <cmath>
#include <utility>

#include "clv/math/quadrature.hpp"
#include "gamma_poisson.hpp"

namespace clv {

Slope log_likelihood_after_purchase(const PurchaseRows& rows, const PurchaseParameters& at, double first) {
    const auto [r, alpha, a, b] = at;
    Slope sum = gamma_poisson_log_likelihood(rows, at);
    const auto stay = [&, a = a](double weight, double other) {  // other / (a + other), the chance to stay
        sum.value -= weight * std::log1p(a / other);
        sum.gradient[2] -= weight / (a + other);
        sum.gradient[3] += weight * a / (other * (a + other));
    };
    double j = first;
    for (const double weight : rows.weight_above()) {
        stay(weight, b + j);
        j += 1.0;
    }
    if (first > 0.0) {
        double everybody = 0.0;
        for (const PurchaseRows::AtAge& each : rows.ages()) {
            everybody += each.weight;
        }
        stay(everybody, b);
    }
    // The odds of having dropped out, a / (b + chances - 1) ((alpha + T) / (alpha + t_x))^(r + x), from one logarithm
    // and one reciprocal per time.
    std::vector<std::pair<double, double>> of_time;
    of_time.reserve(rows.times().size());
    for (const double time : rows.times()) {
        of_time.emplace_back(std::log(alpha + time), 1.0 / (alpha + time));
    }
    double x = -1.0;
    double other = 0.0;
    double log_hazard = 0.0;
    double of_a = 0.0;
    double of_b = 0.0;
    for (std::size_t i = 0; i < rows.rows().size(); ++i) {
        const PurchaseRow& row = rows.rows()[i];
        if (row.x + first == 0.0) {
            continue;
        }
        if (row.x != x) {
            x = row.x;
            other = b + x + first - 1.0;
            log_hazard = std::log(a / other);
        }
        const auto& [log_then, rate_then] = of_time[rows.spans()[i].recency];
        const auto& [log_now, rate_now] = of_time[rows.spans()[i].age];
        const Softplus dropped(log_hazard + (r + x) * (log_now - log_then));
        sum.value += row.weight * dropped.value;
        const double slope = row.weight * dropped.slope;
        sum.gradient[0] += slope * (log_now - log_then);
        sum.gradient[1] += slope * (r + x) * (rate_now - rate_then);
        of_a += slope;
        of_b += slope / other;
    }
    sum.gradient[2] += of_a / a;
    sum.gradient[3] -= of_b;
    return sum;
}

/// E over p of (1 - (1 + p t / alpha)^-r) / p.
double expected_after_purchase(const PurchaseParameters& at, double t) {
    const auto [r, alpha, a, b] = at;
    return beta_expectation(a, b, [&, r = r, alpha = alpha](double p) {
        const double z = p * t / alpha;
        return z < 1.0e-15 ? r * t / alpha : -std::expm1(-r * std::log1p(z)) / p;
    });
}

double discounted_after_purchase(const PurchaseParameters& at, double rate) {
    const auto [r, alpha, a, b] = at;
    return beta_expectation(a, b, [&, r = r, alpha = alpha](double p) {
        return discounted_integral(
            rate, [&](double t) { return r / alpha * std::exp(-(r + 1.0) * std::log1p(p * t / alpha)); });
    });
}

double count_probability_after_purchase(const PurchaseParameters& at, int n, double t, int first) {
    const auto [r, alpha, a, b] = at;
    double stayed = 1.0;  // through the chances before the n-th purchase
    const int before = n + first - 1;
    for (int j = 0; j < before; ++j) {
        stayed *= (b + j) / (a + b + j);
    }
    if (before < 0) {
        return gamma_poisson_probability(r, alpha, n, t);
    }
    double at_least = 1.0;
    for (int j = 0; j < n; ++j) {
        at_least -= gamma_poisson_probability(r, alpha, j, t);
    }
    const double hazard = a / (a + b + before);
    return stayed * ((1.0 - hazard) * gamma_poisson_probability(r, alpha, n, t) + hazard * at_least);
}

}  // namespace clv
