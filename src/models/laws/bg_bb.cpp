// BG/BB (Fader, Hardie, Shang 2010): x purchases in n periods, the last in period t_x. A customer buys in a period with
// probability p ~ Beta(alpha, beta), and drops out before one with probability theta ~ Beta(gamma, delta). Without
// dropout it is the beta-binomial.
#include <fmt/format.h>

#include <cmath>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/data/histories/history_rules.hpp"
#include "clv/paths/purchase_posterior.hpp"
#include "purchase_law_traits.hpp"

namespace clv {
namespace {

/// ln of a (a + 1) .. (a + n - 1)
struct Ascending {
    double value = 0.0;
    double slope = 0.0;
    Ascending(double a, double n) {
        for (double j = 0.0; j < n; j += 1.0) {
            value += std::log(a + j);
            slope += 1.0 / (a + j);
        }
    }
};

Slope beta_binomial_log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at) {
    const auto [alpha, beta, unused_gamma, unused_delta] = at;
    Slope sum;
    for (const PurchaseRow& row : rows.rows()) {
        throw_if_interrupted();  // a row takes as long as it has periods
        const Ascending bought(alpha, row.x);
        const Ascending missed(beta, row.age - row.x);
        const Ascending all(alpha + beta, row.age);
        sum.value += row.weight * (bought.value + missed.value - all.value);
        sum.gradient[0] += row.weight * (bought.slope - all.slope);
        sum.gradient[1] += row.weight * (missed.slope - all.slope);
    }
    return sum;
}

Slope bg_bb_log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at) {
    const auto [alpha, beta, gamma, delta] = at;
    Slope sum = beta_binomial_log_likelihood(rows, at);
    for (const PurchaseRows::AtAge& each : rows.ages()) {  // nobody dropped out before any of the periods
        const Ascending stayed(delta, each.age);
        const Ascending all(gamma + delta, each.age);
        sum.value += each.weight * (stayed.value - all.value);
        sum.gradient[2] -= each.weight * all.slope;
        sum.gradient[3] += each.weight * (stayed.slope - all.slope);
    }
    for (const PurchaseRow& row : rows.rows()) {
        throw_if_interrupted();
        PurchaseParameters slope{};
        const Softplus dropped(dropout_log_odds(PurchaseLaw::bg_bb, at, row.x, row.recency, row.age, &slope));
        sum.value += row.weight * dropped.value;
        for (std::size_t k = 0; k < 4; ++k) {
            sum.gradient[k] += row.weight * dropped.slope * slope[k];
        }
    }
    return sum;
}

/// What is summed period by period has an end.
void require_periods(double t) {
    if (!(t <= most_periods)) {
        throw ModelError(fmt::format("a forecast over {} periods (bg_bb): give at most {}", t, most_periods));
    }
}

/// Expected purchases of floor(t) periods; `stay(k)`: the chance to be there in period k + 1 of those there in k.
template <class Stay>
double expected_over(const PurchaseParameters& at, double t, Stay stay) {
    require_periods(t);
    double sum = 0.0;
    double stayed = 1.0;
    for (double k = 0.0; k < std::floor(t); k += 1.0) {
        stayed *= stay(k);
        sum += stayed;
    }
    return at[0] / (at[0] + at[1]) * sum;
}

template <class Stay>
double discounted_over(const PurchaseParameters& at, double rate, Stay stay) {
    constexpr double least_rate = 1.0e-5;  // the sum has some 37 / rate terms
    if (!(rate >= least_rate)) {
        throw ModelError(
            fmt::format("discount rate {} of residual purchases (bg_bb): give at least {} a period", rate, least_rate));
    }
    double sum = 0.0;
    double term = 1.0;
    for (double k = 0.0; term > 1.0e-16 * sum * -std::expm1(-rate); k += 1.0) {
        term *= stay(k) / (1.0 + rate);
        sum += term;
    }
    return at[0] / (at[0] + at[1]) * sum;
}

/// Beta-binomial: P(n purchases in so many periods of a customer who is there).
double binomial(const PurchaseParameters& at, int n, int periods) {
    const auto [alpha, beta, unused_gamma, unused_delta] = at;
    double log_probability = 0.0;
    for (int j = 0; j < periods; ++j) {
        log_probability -= std::log(alpha + beta + j);
    }
    for (int j = 0; j < n; ++j) {
        log_probability += std::log((alpha + j) * (periods - j) / (1.0 + j));
    }
    for (int j = 0; j < periods - n; ++j) {
        log_probability += std::log(beta + j);
    }
    return std::exp(log_probability);
}

/// `drop(k)`: the chance to drop out before period k + 1 of those there in k.
template <class Drop>
double count_probability_over(const PurchaseParameters& at, int n, double t, Drop drop) {
    require_periods(t);
    const int periods = static_cast<int>(t);
    double sum = 0.0;
    double stayed = 1.0;
    for (int k = 0; k < periods; ++k) {
        const double hazard = drop(k);
        sum += k >= n ? stayed * hazard * binomial(at, n, k) : 0.0;
        stayed *= 1.0 - hazard;
    }
    return sum + (periods >= n ? stayed * binomial(at, n, periods) : 0.0);
}

auto stay_of(const PurchaseParameters& at) {
    return [gamma = at[2], delta = at[3]](double k) { return (delta + k) / (gamma + delta + k); };
}

double bg_bb_expected(const PurchaseParameters& at, double t) {
    return expected_over(at, t, stay_of(at));
}
double beta_binomial_expected(const PurchaseParameters& at, double t) {
    return expected_over(at, t, [](double) { return 1.0; });
}
double bg_bb_discounted(const PurchaseParameters& at, double rate) {
    return discounted_over(at, rate, stay_of(at));
}
double beta_binomial_discounted(const PurchaseParameters& at, double rate) {
    return discounted_over(at, rate, [](double) { return 1.0; });
}
double bg_bb_count_probability(const PurchaseParameters& at, int n, double t) {
    return count_probability_over(at, n, t, [&](int k) { return at[2] / (at[2] + at[3] + k); });
}
double beta_binomial_count_probability(const PurchaseParameters& at, int n, double t) {
    return count_probability_over(at, n, t, [](int) { return 0.0; });
}

std::vector<FourParameters> bg_bb_starts_without_dropout(const TypicalCustomer& /*customer*/) {
    return {{1.0, 1.0}, {0.3, 2.0}};
}

std::vector<FourParameters> bg_bb_starts(const TypicalCustomer& customer, const FourParameters& plain) {
    return usual_starts(customer, plain, 1.0);
}

}  // namespace

constinit const PurchaseLawTraits bg_bb_law{
    .name = "bg_bb",
    .parameters = {"alpha", "beta", "gamma", "delta"},
    .with_dropout = {bg_bb_log_likelihood, bg_bb_expected, bg_bb_discounted, bg_bb_count_probability},
    .without_dropout = {beta_binomial_log_likelihood, beta_binomial_expected, beta_binomial_discounted,
                        beta_binomial_count_probability},
    .starts_without_dropout = bg_bb_starts_without_dropout,
    .starts = bg_bb_starts,
    .third_at_limit = 1.0,
    .has_covariates = false,
    .dropout_covariate = {},
};

}  // namespace clv
