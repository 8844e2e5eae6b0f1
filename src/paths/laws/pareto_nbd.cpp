// Pareto/NBD (Schmittlein, Morrison, Colombo 1987): what a history says. Parameters r, alpha, s, beta.
#include <algorithm>
#include <array>

#include "clv/core/instruction_clones.hpp"
#include "clv/random/elementary.hpp"
#include "posterior_law.hpp"

namespace clv {
namespace {

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

/// The usual difference of two hypergeometric functions loses digits and has two cases; here the integral
/// behind it is summed as it stands:
///   P(dropped out) ~ s integral over u in (0, T - t_x) of (alpha + t_x + u)^-(r + x) (beta + t_x + u)^-(s + 1).
/// In v = ln(1 + u / offset), with the smaller of the two sums as offset, its logarithm is concave. A panel is so short
/// that the integrand falls by a factor of e^16 at most, which 16 points resolve to rounding.
CLV_FMA_CLONES double pareto_nbd_log_odds(const PurchaseParameters& parameters, double x, double t_x, double T,
                                          PurchaseParameters* gradient) {
    constexpr double longest = 1.0;
    constexpr double fall = 6.0;
    constexpr double negligible = 1e-17;
    constexpr int most_panels = 1'000;  // some 100 cover every ratio of times, and where parameters are sound
    const auto [r, alpha, s, beta] = parameters;
    const double span = T - t_x;
    if (!(span > 0.0)) {
        return never_dropped;
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
    double begin = 0.0;
    for (int panels = 0; begin < end && panels < most_panels; ++panels) {
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

void pareto_nbd_learn_dropout(PurchaseParameters& own, double /*x*/, double T, double factor,
                              PurchasePosterior& posterior) {
    own[3] /= factor;
    posterior.dropout_scale = 1.0 / (own[3] + T);
}

}  // namespace

constinit const PosteriorLaw pareto_nbd_posterior{DropoutTime::any_time, false, pareto_nbd_log_odds,
                                                  pareto_nbd_learn_dropout};

}  // namespace clv
