// Pareto/NBD (Schmittlein, Morrison, Colombo 1987): purchases as in NBD; a customer drops out at the rate mu ~ Gamma(s,
// beta).
#include <cmath>

#include "clv/math/quadrature.hpp"
#include "clv/paths/purchase_posterior.hpp"
#include "gamma_poisson.hpp"

namespace clv {
namespace {

Slope pareto_nbd_log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at) {
    const auto [r, alpha, s, beta] = at;
    Slope sum = gamma_poisson_log_likelihood(rows, at);
    for (const PurchaseRows::AtAge& each : rows.ages()) {  // (beta / (beta + T))^s
        const double grown = std::log1p(each.age / beta);
        sum.value -= each.weight * s * grown;
        sum.gradient[2] -= each.weight * grown;
        sum.gradient[3] += each.weight * s * each.age / (beta * (beta + each.age));
    }
    for (const PurchaseRow& row : rows.rows()) {
        PurchaseParameters slope{};
        const Softplus dropped(dropout_log_odds(PurchaseLaw::pareto_nbd, at, row.x, row.recency, row.age, &slope));
        sum.value += row.weight * dropped.value;
        for (std::size_t k = 0; k < 4; ++k) {
            sum.gradient[k] += row.weight * dropped.slope * slope[k];
        }
    }
    return sum;
}

/// (1 - (1 + z)^-k) / k for k of either sign, ln(1 + z) in the limit.
double power_integral(double k, double z) {
    const double log_z = std::log1p(z);
    return std::abs(k * log_z) < 1.0e-15 ? log_z : -std::expm1(-k * log_z) / k;
}

double pareto_nbd_expected(const PurchaseParameters& at, double t) {
    const auto [r, alpha, s, beta] = at;
    return r / alpha * beta * power_integral(s - 1.0, t / beta);
}

double pareto_nbd_discounted(const PurchaseParameters& at, double rate) {
    const auto [r, alpha, s, beta] = at;
    return discounted_integral(rate, [&, r = r, alpha = alpha, s = s, beta = beta](double t) {
        return r / alpha * std::exp(-s * std::log1p(t / beta));
    });
}

double pareto_nbd_count_probability(const PurchaseParameters& at, int n, double t) {
    const auto [r, alpha, s, beta] = at;
    const double still = std::exp(-s * std::log1p(t / beta)) * gamma_poisson_probability(r, alpha, n, t);
    return still +
           unit_integral([&, r = r, alpha = alpha, s = s, beta = beta](double z, double, double, double log_weight) {
               const double u = z * t;
               return std::exp(log_weight - (s + 1.0) * std::log1p(u / beta)) * t * s / beta *
                      gamma_poisson_probability(r, alpha, n, u);
           });
}

std::vector<FourParameters> pareto_nbd_starts(const TypicalCustomer& customer, const FourParameters& plain) {
    return usual_starts(customer, plain, customer.age);
}

}  // namespace

constinit const PurchaseLawTraits pareto_nbd_law{
    .name = "pareto_nbd",
    .parameters = {"r", "alpha", "s", "beta"},
    .with_dropout = {pareto_nbd_log_likelihood, pareto_nbd_expected, pareto_nbd_discounted,
                     pareto_nbd_count_probability},
    .without_dropout = gamma_poisson_forms,
    .starts_without_dropout = usual_starts_without_dropout,
    .starts = pareto_nbd_starts,
    .dropout_in_time = true,
    .third_at_limit = 1.0,
    .dropout_covariate = DropoutCovariate{3, -1.0},
};

}  // namespace clv
