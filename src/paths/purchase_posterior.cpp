#include "clv/paths/purchase_posterior.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "clv/core/instruction_clones.hpp"
#include "clv/random/elementary.hpp"

namespace clv {

namespace {

constexpr double never = -std::numeric_limits<double>::infinity();

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

/// BG/NBD, and MBG/NBD with a chance to drop out after the first purchase: `chances` of them so far.
CLV_FMA_CLONES double log_odds_after_purchase(const PurchaseParameters& parameters, double x, double t_x, double T,
                                              double chances, PurchaseParameters* gradient) {
    const auto [r, alpha, a, b] = parameters;
    if (chances == 0.0) {
        return never;
    }
    const double grown = elementary::log1p((T - t_x) / (alpha + t_x));
    if (gradient != nullptr) {
        *gradient = {grown, (r + x) * (1.0 / (alpha + T) - 1.0 / (alpha + t_x)), 1.0 / a, -1.0 / (b + chances - 1.0)};
    }
    return elementary::log(a / (b + chances - 1.0)) + (r + x) * grown;
}

/// Pareto/NBD. The usual difference of two hypergeometric functions loses digits and has two cases; here the integral
/// behind it is summed as it stands:
///   P(dropped out) ~ s integral over u in (0, T - t_x) of (alpha + t_x + u)^-(r + x) (beta + t_x + u)^-(s + 1).
/// In v = ln(1 + u / offset), with the smaller of the two sums as offset, its logarithm is concave. A panel is so short
/// that the integrand falls by a factor of e^16 at most, which 16 points resolve to rounding.
CLV_FMA_CLONES double pareto_nbd_log_odds(const PurchaseParameters& parameters, double x, double t_x, double T,
                                          PurchaseParameters* gradient) {
    constexpr double longest = 1.0;
    constexpr double fall = 6.0;
    constexpr double negligible = 1e-17;
    const auto [r, alpha, s, beta] = parameters;
    const double span = T - t_x;
    if (!(span > 0.0)) {
        return never;
    }
    const double power = r + x;
    const double alpha_x = alpha + t_x;
    const double beta_x = beta + t_x;
    const double offset = std::min(alpha_x, beta_x);
    const double alpha_rest = alpha_x - offset;
    const double beta_rest = beta_x - offset;
    // ln of a sum over its first value, where the smaller sum has grown to `smaller`: v for the smaller one itself
    const auto log_growth = [](double rest, double first, double smaller, double v) __attribute__((always_inline)) {
        return rest == 0.0 ? v : elementary::log((rest + smaller) / first);
    };
    // The integrand at v, and weighted by it its logarithm's derivatives: the two growths, and one over each sum.
    PurchaseParameters slopes{};
    const auto integrand = [&](double v, double weight) __attribute__((always_inline)) {
        const double smaller = offset * elementary::exp(v);
        const double alpha_growth = log_growth(alpha_rest, alpha_x, smaller, v);
        const double beta_growth = log_growth(beta_rest, beta_x, smaller, v);
        const double value = elementary::exp(v - power * alpha_growth - (s + 1.0) * beta_growth);
        if (gradient != nullptr) {
            slopes[0] += weight * value * alpha_growth;
            slopes[1] += weight * value / (alpha_rest + smaller);
            slopes[2] += weight * value * beta_growth;
            slopes[3] += weight * value / (beta_rest + smaller);
        }
        return value;
    };
    const double end = elementary::log1p(span / offset);
    double sum = 0.0;
    for (double begin = 0.0; begin < end;) {
        const double reached = offset * elementary::exp(begin);
        const double steepness =
            1.0 + power * reached / (alpha_rest + reached) + (s + 1.0) * reached / (beta_rest + reached);
        const double wanted = std::min(longest, fall / steepness);
        const double half = 0.5 * std::min(wanted, end - begin);
        const double middle = begin + half;
        double panel = 0.0;
        for (const auto& [node, weight] : gauss_legendre) {
            panel += weight *
                     (integrand(middle - half * node, weight * half) + integrand(middle + half * node, weight * half));
        }
        sum += panel * half;
        if (panel * half < negligible * sum) {
            break;
        }
        begin = wanted < end - begin ? begin + wanted : end;
    }
    if (gradient != nullptr) {
        *gradient = {elementary::log1p(span / alpha_x) - slopes[0] / sum,
                     power * (1.0 / (alpha_x + span) - slopes[1] / sum),
                     1.0 / s + elementary::log1p(span / beta_x) - slopes[2] / sum,
                     s / (beta_x + span) - (s + 1.0) * slopes[3] / sum};
    }
    // over the value for alive, (alpha + T)^-power (beta + T)^-s
    return elementary::log(s * offset / beta_x * sum) + power * elementary::log1p(span / alpha_x) +
           s * elementary::log1p(span / beta_x);
}

/// BG/BB: a sum over the opportunity before which it happened, from the last one back. From one to the next there is
/// one miss less, and one survival.
double bg_bb_log_odds(const PurchaseParameters& parameters, double x, double t_x, double n,
                      PurchaseParameters* gradient) {
    const auto [alpha, beta, gamma, delta] = parameters;
    PurchaseParameters of_term{0.0, 0.0, 1.0 / gamma, -1.0 / (delta + n - 1.0)};
    PurchaseParameters of_sum{};
    double log_term = elementary::log(gamma / (delta + n - 1.0));
    double log_scale = never;
    double sum = 0.0;  // in units of e^log_scale
    for (double m = n - 1.0; m >= t_x - 0.5; m -= 1.0) {
        log_term += elementary::log1p((alpha + x) / (beta + m - x));
        log_term += m < n - 1.5 ? elementary::log1p((gamma + 1.0) / (delta + m)) : 0.0;
        if (log_term > log_scale) {
            const double shrunk = elementary::exp(log_scale - log_term);
            sum *= shrunk;
            for (double& slope : of_sum) {
                slope *= shrunk;
            }
            log_scale = log_term;
        }
        const double term = elementary::exp(log_term - log_scale);
        sum += term;
        if (gradient != nullptr) {
            const double missed = 1.0 / (alpha + beta + m);
            of_term[0] += missed;
            of_term[1] += missed - 1.0 / (beta + m - x);
            if (m < n - 1.5) {
                const double stayed = 1.0 / (gamma + 1.0 + delta + m);
                of_term[2] += stayed;
                of_term[3] += stayed - 1.0 / (delta + m);
            }
            for (std::size_t k = 0; k < 4; ++k) {
                of_sum[k] += term * of_term[k];
            }
        }
    }
    if (gradient != nullptr) {
        for (std::size_t k = 0; k < 4; ++k) {
            (*gradient)[k] = sum > 0.0 ? of_sum[k] / sum : 0.0;
        }
    }
    return sum > 0.0 ? log_scale + elementary::log(sum) : never;
}

CLV_FMA_CLONES double probability_against(double log_odds) {
    return 1.0 / (1.0 + elementary::exp(log_odds));
}

}  // namespace

bool has_dropout(PurchaseLaw law, const PurchaseParameters& parameters) noexcept {
    return law != PurchaseLaw::nbd && parameters[2] != 0.0 && !std::isinf(parameters[3]);
}

double dropout_log_odds(PurchaseLaw law, const PurchaseParameters& parameters, double x, double t_x, double T,
                        PurchaseParameters* gradient) {
    if (gradient != nullptr) {
        *gradient = {};
    }
    switch (law) {
        case PurchaseLaw::bg_nbd:
            return log_odds_after_purchase(parameters, x, t_x, T, x, gradient);
        case PurchaseLaw::mbg_nbd:
            return log_odds_after_purchase(parameters, x, t_x, T, x + 1.0, gradient);
        case PurchaseLaw::pareto_nbd:
            return pareto_nbd_log_odds(parameters, x, t_x, T, gradient);
        case PurchaseLaw::bg_bb:
            return bg_bb_log_odds(parameters, x, t_x, T, gradient);
        case PurchaseLaw::nbd:
            break;
    }
    return never;
}

double expected_rate(PurchaseLaw law, const PurchaseParameters& parameters, double x, double T, double rate_factor) {
    const auto [first, second, third, fourth] = parameters;
    return law == PurchaseLaw::bg_bb ? (first + x) / (first + second + T) : (first + x) / (second / rate_factor + T);
}

PurchasePosterior purchase_posterior(PurchaseLaw law, const PurchaseParameters& parameters, double x, double t_x,
                                     double T, double rate_factor, double dropout_factor) {
    PurchaseParameters own = parameters;  // of the customer, with its covariates
    PurchasePosterior posterior;
    posterior.rate_shape = own[0] + x;
    if (law == PurchaseLaw::bg_bb) {
        posterior.rate_other = own[1] + T - x;
    } else {
        own[1] /= rate_factor;
        posterior.rate_scale = 1.0 / (own[1] + T);
    }
    if (!has_dropout(law, parameters)) {
        return posterior;
    }
    switch (law) {
        case PurchaseLaw::bg_nbd:
            own[2] *= dropout_factor;
            posterior.dropout_other = own[3] + x;
            break;
        case PurchaseLaw::mbg_nbd:
            own[2] *= dropout_factor;
            posterior.dropout_other = own[3] + x + 1.0;
            break;
        case PurchaseLaw::pareto_nbd:
            own[3] /= dropout_factor;
            posterior.dropout_scale = 1.0 / (own[3] + T);
            break;
        case PurchaseLaw::bg_bb:
            posterior.dropout_other = own[3] + T;
            break;
        case PurchaseLaw::nbd:
            break;
    }
    posterior.dropout_shape = own[2];
    posterior.alive = probability_against(dropout_log_odds(law, own, x, t_x, T));
    return posterior;
}

SpendPosterior spend_posterior(const SpendParameters& parameters, double x, double monetary_value) noexcept {
    const auto [p, q, v] = parameters;
    const double purchases = monetary_value > 0.0 ? x : 0.0;
    return {q + p * purchases, v + purchases * monetary_value};
}

double expected_spend(const SpendParameters& parameters, double x, double monetary_value) noexcept {
    const SpendPosterior posterior = spend_posterior(parameters, x, monetary_value);
    return posterior.shape > 1.0 ? parameters[0] * posterior.scale / (posterior.shape - 1.0)
                                 : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace clv
