#include "clv/models/purchase_model.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "clv/paths/purchase_posterior.hpp"

namespace clv {

namespace {

/// lgamma without its global sign, which threads would share.
double log_gamma(double x) {
    int sign = 0;
    return lgamma_r(x, &sign);
}

double log_beta(double a, double b) {
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b);
}

bool nobody_drops_out(PurchaseLaw law, const PurchaseParameters& parameters) {
    return law == PurchaseLaw::nbd || parameters[2] == 0.0 || std::isinf(parameters[3]);
}

/// 2F1(a, b; c; z) for 0 <= z < 1 and positive parameters, by its series: all terms are positive.
double hypergeometric(double a, double b, double c, double z) {
    constexpr double most_terms = 1e6;
    double term = 1.0;
    double sum = 1.0;
    for (double n = 0.0; n < most_terms && term > 1e-17 * sum; n += 1.0) {
        term *= (a + n) * (b + n) / ((c + n) * (n + 1.0)) * z;
        sum += term;
    }
    return sum;
}

/// Purchases in the next t of somebody alive: rate Gamma(shape, rate), dropout after a purchase Beta(a, b).
double expectation_given_alive(double shape, double rate, double a, double b, double t) {
    if (std::abs(a - 1.0) < 1e-7) {  // the closed form is 0 / 0 there; the function is smooth
        a = 1.0 + 1e-7;
    }
    const double grown = rate + t;
    const double silent = std::exp(shape * std::log(rate / grown));
    // Euler's transformation where c - a - b < 0 and z is near 1 keeps the series short
    const double c = a + b - 1.0;
    const double z = t / grown;
    const double left = c > 0.0 ? silent * hypergeometric(shape, b, c, z) : std::numeric_limits<double>::quiet_NaN();
    return c / (a - 1.0) * (1.0 - left);
}

/// The same where a + b <= 1 and the closed form has no convergent series: the integral over p by substitution.
double expectation_by_quadrature(double shape, double rate, double a, double b, double t) {
    // E[(1 - (rate / (rate + p t))^shape) / p], p ~ Beta(a, b); p = 1 / (1 + e^-y), trapezoidal rule in y
    const double log_scale = log_beta(a, b);
    double sum = 0.0;
    const double step = 0.05;
    const double low = -40.0 / a - 40.0;
    const double high = 40.0 / b + 40.0;
    for (double y = low; y <= high; y += step) {
        const double log_p = y > 0.0 ? -std::log1p(std::exp(-y)) : y - std::log1p(std::exp(y));
        const double log_q = log_p - y;
        const double p = std::exp(log_p);
        const double bought = -std::expm1(-shape * std::log1p(p * t / rate));
        const double per_p = p > 0.0 ? bought / p : shape * t / rate;
        sum += std::exp(a * log_p + b * log_q - log_scale) * per_p;
    }
    return sum * step;
}

}  // namespace

double PurchaseModel::log_likelihood(double x, double t_x, double T) const {
    const PurchasePosterior posterior = purchase_posterior(law, parameters, x, t_x, T);
    const auto [first, second, third, fourth] = parameters;
    double base = 0.0;
    if (law == PurchaseLaw::bg_bb) {
        base = log_beta(first + x, second + T - x) - log_beta(first, second);
    } else {
        base = log_gamma(first + x) - log_gamma(first) + first * std::log(second) - (first + x) * std::log(second + T);
    }
    if (nobody_drops_out(law, parameters)) {
        return base;
    }
    switch (law) {
        case PurchaseLaw::bg_nbd:
        case PurchaseLaw::mbg_nbd:
            base += log_beta(posterior.dropout_shape, posterior.dropout_other) - log_beta(third, fourth);
            break;
        case PurchaseLaw::pareto_nbd:
            base += third * std::log(fourth / (fourth + T));
            break;
        case PurchaseLaw::bg_bb:
            base += log_beta(third, fourth + T) - log_beta(third, fourth);
            break;
        case PurchaseLaw::nbd:
            break;
    }
    return base + std::log1p(posterior.odds);
}

double PurchaseModel::p_alive(double x, double t_x, double T) const {
    return purchase_posterior(law, parameters, x, t_x, T).alive;
}

double PurchaseModel::expected_purchases(double t) const {
    return conditional_expectation(0.0, 0.0, 0.0, t);
}

double PurchaseModel::conditional_expectation(double x, double t_x, double T, double t) const {
    const PurchasePosterior posterior = purchase_posterior(law, parameters, x, t_x, T);
    if (t <= 0.0) {
        return 0.0;
    }
    if (law == PurchaseLaw::bg_bb) {
        const double gamma = posterior.dropout_shape;
        const double delta = posterior.dropout_other;
        double there = 1.0;
        double sum = 0.0;
        for (double j = 0.0; j + 0.5 < t; j += 1.0) {
            there *= gamma > 0.0 ? (delta + j) / (gamma + delta + j) : 1.0;
            sum += there;
        }
        return posterior.alive * posterior.expected_rate * sum;
    }
    if (nobody_drops_out(law, parameters)) {
        return posterior.expected_rate * t;
    }
    if (law == PurchaseLaw::pareto_nbd) {
        const double s = posterior.dropout_shape;
        const double beta = 1.0 / posterior.dropout_scale;
        const double log_ratio = std::log1p(t / beta);
        const double slope = s - 1.0;
        const double time = std::abs(slope) < 1e-12 ? log_ratio : -std::expm1(-slope * log_ratio) / slope;
        return posterior.alive * posterior.expected_rate * beta * time;
    }
    const double rate = 1.0 / posterior.rate_scale;
    const bool has_series = posterior.dropout_shape + posterior.dropout_other > 1.0 + 1e-9;
    const auto given_alive = has_series ? expectation_given_alive : expectation_by_quadrature;
    return posterior.alive *
           given_alive(posterior.rate_shape, rate, posterior.dropout_shape, posterior.dropout_other, t);
}

std::string_view to_string(PurchaseLaw law) noexcept {
    switch (law) {
        case PurchaseLaw::bg_nbd:
            return "bg_nbd";
        case PurchaseLaw::mbg_nbd:
            return "mbg_nbd";
        case PurchaseLaw::pareto_nbd:
            return "pareto_nbd";
        case PurchaseLaw::bg_bb:
            return "bg_bb";
        case PurchaseLaw::nbd:
            return "nbd";
    }
    return "unknown";
}

std::span<const std::string_view> parameter_names(PurchaseLaw law) noexcept {
    static constexpr std::array<std::string_view, 4> with_beta{"r", "alpha", "a", "b"};
    static constexpr std::array<std::string_view, 4> pareto{"r", "alpha", "s", "beta"};
    static constexpr std::array<std::string_view, 4> bg_bb{"alpha", "beta", "gamma", "delta"};
    switch (law) {
        case PurchaseLaw::pareto_nbd:
            return pareto;
        case PurchaseLaw::bg_bb:
            return bg_bb;
        case PurchaseLaw::nbd:
            return std::span(with_beta).first(2);
        case PurchaseLaw::bg_nbd:
        case PurchaseLaw::mbg_nbd:
            break;
    }
    return with_beta;
}

double SpendModel::log_likelihood(double x, double mean) const {
    const auto [p, q, v] = parameters;
    return log_gamma(p * x + q) - log_gamma(p * x) - log_gamma(q) + q * std::log(v) - std::log(mean) +
           p * x * std::log(x * mean) - (p * x + q) * std::log(v + x * mean);
}

double SpendModel::expected_spend(double x, double mean) const {
    const auto [p, q, v] = parameters;
    const double count = mean > 0.0 ? x : 0.0;
    const double left = q + p * count - 1.0;
    return left > 0.0 ? p * (v + count * mean) / left : std::numeric_limits<double>::infinity();
}

}  // namespace clv
