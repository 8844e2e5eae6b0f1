#include "clv/models/purchase_models.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "clv/core/errors.hpp"
#include "clv/math/quadrature.hpp"
#include "clv/paths/purchase_posterior.hpp"
#include "models/laws/purchase_likelihood.hpp"

namespace clv {
namespace {

struct LawName {
    PurchaseLaw law;
    std::string_view name;
    std::array<std::string_view, 4> parameters;
};

constexpr std::array<LawName, 5> laws{{{PurchaseLaw::bg_nbd, "bg_nbd", {"r", "alpha", "a", "b"}},
                                       {PurchaseLaw::mbg_nbd, "mbg_nbd", {"r", "alpha", "a", "b"}},
                                       {PurchaseLaw::pareto_nbd, "pareto_nbd", {"r", "alpha", "s", "beta"}},
                                       {PurchaseLaw::bg_bb, "bg_bb", {"alpha", "beta", "gamma", "delta"}},
                                       {PurchaseLaw::nbd, "nbd", {"r", "alpha", "", ""}}}};

/// What an alive customer's rate and dropout are distributed like: the law's own shape with other parameters.
struct Alive {
    double p_alive;
    PurchaseParameters at;
};

/// (1 - (1 + z)^-k) / k for k of either sign, ln(1 + z) in the limit.
double power_integral(double k, double z) {
    const double log_z = std::log1p(z);
    return std::abs(k * log_z) < 1.0e-15 ? log_z : -std::expm1(-k * log_z) / k;
}

/// Expected purchases within t of a customer alive now, whose next chance to drop out is the next purchase or period.
double expected_if_alive(PurchaseLaw law, bool dropout, const PurchaseParameters& at, double t) {
    const auto [r, alpha, a, b] = at;
    if (law == PurchaseLaw::bg_bb) {
        double sum = 0.0;
        double stayed = 1.0;
        for (double k = 0.0; k < std::floor(t); k += 1.0) {
            stayed *= dropout ? (b + k) / (a + b + k) : 1.0;
            sum += stayed;
        }
        return r / (r + alpha) * sum;
    }
    if (!dropout) {
        return r * t / alpha;
    }
    if (law == PurchaseLaw::pareto_nbd) {
        return r / alpha * b * power_integral(a - 1.0, t / b);
    }
    return beta_expectation(a, b, [&, r = r, alpha = alpha](double p) {
        const double z = p * t / alpha;
        return z < 1.0e-15 ? r * t / alpha : -std::expm1(-r * std::log1p(z)) / p;
    });
}

/// Discounted purchases of a customer alive now.
double discounted_if_alive(PurchaseLaw law, bool dropout, const PurchaseParameters& at, double rate) {
    const auto [r, alpha, a, b] = at;
    if (law == PurchaseLaw::bg_bb) {
        double sum = 0.0;
        double term = 1.0;
        for (double k = 0.0; term > 1.0e-16 * sum * -std::expm1(-rate); k += 1.0) {
            term *= (dropout ? (b + k) / (a + b + k) : 1.0) / (1.0 + rate);
            sum += term;
        }
        return r / (r + alpha) * sum;
    }
    if (!dropout) {
        return r / alpha / rate;
    }
    // Integral of exp(-rate t) E[rate of purchases at t] over t = z / (1 - z) / rate.
    const auto over_time = [&](auto intensity) {
        return unit_integral([&](double, double log_z, double log_rest, double log_weight) {
                   const double t = std::exp(log_z - log_rest);
                   return t > 745.0 ? 0.0 : std::exp(log_weight - 2.0 * log_rest - t) * intensity(t / rate);
               }) /
               rate;
    };
    if (law == PurchaseLaw::pareto_nbd) {
        return over_time(
            [&, r = r, alpha = alpha, a = a, b = b](double t) { return r / alpha * std::exp(-a * std::log1p(t / b)); });
    }
    return beta_expectation(a, b, [&, r = r, alpha = alpha](double p) {
        return over_time([&](double t) { return r / alpha * std::exp(-(r + 1.0) * std::log1p(p * t / alpha)); });
    });
}

/// P(n purchases in t) of the gamma mixture of Poisson processes.
double nbd_probability(double r, double alpha, int n, double t) {
    if (t <= 0.0) {
        return n == 0 ? 1.0 : 0.0;
    }
    double log_probability = -r * std::log1p(t / alpha) - (n > 0 ? n * std::log1p(alpha / t) : 0.0);
    for (int j = 0; j < n; ++j) {
        log_probability += std::log((r + j) / (1.0 + j));
    }
    return std::exp(log_probability);
}

}  // namespace

bool PurchaseModel::has_dropout() const noexcept {
    return clv::has_dropout(law, parameters);
}

double PurchaseModel::log_likelihood(double x, double recency, double age) const {
    return clv::log_likelihood(law, has_dropout(), PurchaseRows({{x, recency, age, 1.0}}), parameters).value;
}

double PurchaseModel::p_alive(double x, double recency, double age) const {
    return purchase_posterior(law, parameters, x, recency, age).alive;
}

namespace {

Alive alive(const PurchaseModel& model, double x, double recency, double age) {
    const PurchasePosterior posterior = purchase_posterior(model.law, model.parameters, x, recency, age);
    const double rate = model.law == PurchaseLaw::bg_bb ? posterior.rate_other : 1.0 / posterior.rate_scale;
    const bool in_time = model.law == PurchaseLaw::pareto_nbd;
    return {posterior.alive,
            {posterior.rate_shape, rate, posterior.dropout_shape,
             in_time ? 1.0 / posterior.dropout_scale : posterior.dropout_other}};
}

}  // namespace

double PurchaseModel::expected_purchases(double t) const {
    return conditional_expectation(0.0, 0.0, 0.0, t);
}

double PurchaseModel::conditional_expectation(double x, double recency, double age, double t) const {
    const Alive now = alive(*this, x, recency, age);
    return t <= 0.0 ? 0.0 : now.p_alive * expected_if_alive(law, has_dropout(), now.at, t);
}

double PurchaseModel::discounted_residual(double x, double recency, double age, double rate) const {
    if (!(rate > 0.0) || !std::isfinite(rate)) {
        throw ModelError(fmt::format("discount rate {} of residual purchases: give one above 0", rate));
    }
    const Alive now = alive(*this, x, recency, age);
    return now.p_alive * discounted_if_alive(law, has_dropout(), now.at, rate);
}

double PurchaseModel::count_probability(int n, double t) const {
    const auto [r, alpha, a, b] = parameters;
    if (n < 0) {
        return 0.0;
    }
    if (law == PurchaseLaw::bg_bb) {
        const auto binomial = [&, r = r, alpha = alpha](int trials) {  // beta-binomial
            double log_probability = 0.0;
            for (int j = 0; j < trials; ++j) {
                log_probability -= std::log(r + alpha + j);
            }
            for (int j = 0; j < n; ++j) {
                log_probability += std::log((r + j) * (trials - j) / (1.0 + j));
            }
            for (int j = 0; j < trials - n; ++j) {
                log_probability += std::log(alpha + j);
            }
            return std::exp(log_probability);
        };
        const int periods = static_cast<int>(t);
        double sum = 0.0;
        double stayed = 1.0;
        for (int k = 0; k < periods; ++k) {
            const double hazard = has_dropout() ? a / (a + b + k) : 0.0;
            sum += k >= n ? stayed * hazard * binomial(k) : 0.0;
            stayed *= 1.0 - hazard;
        }
        return sum + (periods >= n ? stayed * binomial(periods) : 0.0);
    }
    if (!has_dropout()) {
        return nbd_probability(r, alpha, n, t);
    }
    if (law == PurchaseLaw::pareto_nbd) {
        const double still = std::exp(-a * std::log1p(t / b)) * nbd_probability(r, alpha, n, t);
        return still +
               unit_integral([&, r = r, alpha = alpha, a = a, b = b](double z, double, double, double log_weight) {
                   const double u = z * t;
                   return std::exp(log_weight - (a + 1.0) * std::log1p(u / b)) * t * a / b *
                          nbd_probability(r, alpha, n, u);
               });
    }
    const int first = law == PurchaseLaw::mbg_nbd ? 1 : 0;
    double stayed = 1.0;  // through the chances before the n-th purchase
    const int before = n + first - 1;
    for (int j = 0; j < before; ++j) {
        stayed *= (b + j) / (a + b + j);
    }
    if (before < 0) {
        return nbd_probability(r, alpha, n, t);
    }
    double at_least = 1.0;
    for (int j = 0; j < n; ++j) {
        at_least -= nbd_probability(r, alpha, j, t);
    }
    const double hazard = a / (a + b + before);
    return stayed * ((1.0 - hazard) * nbd_probability(r, alpha, n, t) + hazard * at_least);
}

std::string_view law_name(PurchaseLaw law) {
    return std::ranges::find(laws, law, &LawName::law)->name;
}

std::span<const std::string_view> law_parameters(PurchaseLaw law) {
    return std::span(std::ranges::find(laws, law, &LawName::law)->parameters).first(parameter_count(law));
}

PurchaseLaw law_named(std::string_view name) {
    const auto found = std::ranges::find(laws, name, &LawName::name);
    if (found == laws.end()) {
        throw InputError(fmt::format("purchase model \"{}\" is unknown", name));
    }
    return found->law;
}

}  // namespace clv
