// Exact posteriors of the purchase laws, by elementary operations alone: the same bits with every compiler and library.

#include "clv/paths/purchase_posterior.hpp"

#include <array>
#include <cmath>

#include "clv/random/elementary.hpp"

namespace clv {

namespace {

/// (numerator / denominator)^power, both above 0.
double power_of_ratio(double numerator, double denominator, double power) {
    return elementary::exp(power * elementary::log(numerator / denominator));
}

/// Nodes and weights of Gauss and Legendre on [-1, 1], 16 points: the positive half.
constexpr std::array<std::array<double, 2>, 8> gauss_legendre{{
    {0.0950125098376374401853193, 0.1894506104550684962853967},
    {0.2816035507792589132304605, 0.1826034150449235888667637},
    {0.4580167776572273863424194, 0.1691565193950025381893121},
    {0.6178762444026437484466718, 0.1495959888165767320815017},
    {0.7554044083550030338951012, 0.1246289712555338720524763},
    {0.8656312023878317438804679, 0.0951585116824927848099251},
    {0.9445750230732325760779884, 0.0622535239386478928628438},
    {0.9894009349916499325961542, 0.0271524594117540948517806},
}};

/// Odds of having dropped out under Pareto/NBD: s times the integral over y in [t_x, T] of
/// ((alpha + T) / (alpha + y))^(r + x) ((beta + T) / (beta + y))^s / (beta + y). With w = ln(alpha + y) the integrand
/// falls like e^(-(r + x) w); panels double in length from where it is steepest.
double pareto_odds(double shape, double alpha, double s, double beta, double t_x, double T) {
    const double log_end = elementary::log(alpha + T);
    const double log_begin = elementary::log(alpha + t_x);
    const double log_beta_end = elementary::log(beta + T);
    const auto integrand = [&](double w) {
        const double shifted = elementary::exp(w);
        const double in_beta = elementary::log(shifted - alpha + beta);
        return elementary::exp(shape * (log_end - w) + s * (log_beta_end - in_beta) - in_beta + w);
    };
    const double steepness = shape + s + 1.0;
    double length = 2.0 / steepness;
    double begin = log_begin;
    double sum = 0.0;
    while (begin < log_end) {
        const double rest = log_end - begin;
        const double half = 0.5 * (length < rest ? length : rest);
        const double middle = begin + half;
        double panel = 0.0;
        for (const auto& [node, weight] : gauss_legendre) {
            panel += weight * (integrand(middle - half * node) + integrand(middle + half * node));
        }
        panel *= half;
        sum += panel;
        begin = length < rest ? begin + length : log_end;
        length *= 2.0;
    }
    return s * sum;
}

/// Odds of having dropped out under BG/BB: a sum over the opportunity before which it happened, from the last one back.
double bg_bb_odds(const PurchaseParameters& parameters, double x, double t_x, double n) {
    const auto [alpha, beta, gamma, delta] = parameters;
    double term = 1.0;
    double odds = 0.0;
    for (double m = n - 1.0; m >= t_x - 0.5; m -= 1.0) {
        const double failures = beta + m - x;
        term *= (alpha + x + failures) / failures;
        const double last = delta + m;
        term *= m > n - 1.5 ? gamma / last : (gamma + last + 1.0) / last;
        odds += term;
    }
    return odds;
}

}  // namespace

PurchasePosterior purchase_posterior(PurchaseLaw law, const PurchaseParameters& parameters, double x, double t_x,
                                     double T, double rate_factor, double dropout_factor) {
    PurchasePosterior posterior;
    const auto [first, second, third, fourth] = parameters;
    if (law == PurchaseLaw::bg_bb) {
        posterior.rate_shape = first + x;
        posterior.rate_other = second + T - x;
        posterior.expected_rate = posterior.rate_shape / (posterior.rate_shape + posterior.rate_other);
    } else {
        const double alpha = second / rate_factor;
        posterior.rate_shape = first + x;
        posterior.rate_scale = 1.0 / (alpha + T);
        posterior.expected_rate = posterior.rate_shape * posterior.rate_scale;
    }
    if (law == PurchaseLaw::nbd || third == 0.0 || std::isinf(fourth)) {
        return posterior;  // nobody drops out
    }
    double odds = 0.0;
    const double alpha = second / rate_factor;
    switch (law) {
        case PurchaseLaw::bg_nbd:
            posterior.dropout_shape = third * dropout_factor;
            posterior.dropout_other = fourth + x;
            odds = x > 0.0 ? posterior.dropout_shape / (fourth + x - 1.0) *
                                 power_of_ratio(alpha + T, alpha + t_x, posterior.rate_shape)
                           : 0.0;
            break;
        case PurchaseLaw::mbg_nbd:
            posterior.dropout_shape = third * dropout_factor;
            posterior.dropout_other = fourth + x + 1.0;
            odds =
                posterior.dropout_shape / (fourth + x) * power_of_ratio(alpha + T, alpha + t_x, posterior.rate_shape);
            break;
        case PurchaseLaw::pareto_nbd: {
            const double beta = fourth / dropout_factor;
            posterior.dropout_shape = third;
            posterior.dropout_scale = 1.0 / (beta + T);
            odds = pareto_odds(posterior.rate_shape, alpha, third, beta, t_x, T);
            break;
        }
        case PurchaseLaw::bg_bb:
            posterior.dropout_shape = third;
            posterior.dropout_other = fourth + T;
            odds = bg_bb_odds(parameters, x, t_x, T);
            break;
        case PurchaseLaw::nbd:
            break;
    }
    posterior.odds = odds;
    posterior.alive = 1.0 / (1.0 + odds);
    return posterior;
}

}  // namespace clv
