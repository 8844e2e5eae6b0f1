#include "clv/models/spend_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <utility>

#include "clv/core/errors.hpp"
#include "parameter_draws.hpp"
#include "spend_likelihood.hpp"

namespace clv {

// The C library's lgamma also writes to a variable that threads share.
using boost::math::digamma;
using boost::math::lgamma;

Slope spend_log_likelihood(const std::vector<SpendRow>& rows, const SpendParameters& at) {
    const auto [p, q, v] = at;
    Slope sum;
    double x = 0.0;
    double log_beta = 0.0;  // minus ln B(p x, q)
    double of_shape = 0.0;
    double of_q = 0.0;
    for (const SpendRow& row : rows) {
        const double shape = p * row.x;
        if (row.x != x) {
            x = row.x;
            log_beta = lgamma(shape + q) - lgamma(shape) - lgamma(q);
            const double both = digamma(shape + q);
            of_shape = both - digamma(shape);
            of_q = both - digamma(q);
        }
        const double total = row.x * row.mean;
        const double log_share = -std::log1p(v / total);  // ln of total / (v + total)
        const double log_rest = -std::log1p(total / v);
        // (v / (v + total))^q (total / (v + total))^shape / (m B(shape, q))
        sum.value += row.weight * (log_beta - std::log(row.mean) + q * log_rest + shape * log_share);
        sum.gradient[0] += row.weight * row.x * (of_shape + log_share);
        sum.gradient[1] += row.weight * (of_q + log_rest);
        sum.gradient[2] += row.weight * (q * total / v - shape) / (v + total);
    }
    return sum;
}

namespace {

/// Correlation of mean spend with frequency, which the model takes to be 0.
double correlation(const std::vector<SpendRow>& rows, double weights) {
    double x = 0.0;
    double m = 0.0;
    for (const SpendRow& row : rows) {
        x += row.weight * row.x / weights;
        m += row.weight * row.mean / weights;
    }
    double xx = 0.0;
    double mm = 0.0;
    double xm = 0.0;
    for (const SpendRow& row : rows) {
        xx += row.weight * (row.x - x) * (row.x - x);
        mm += row.weight * (row.mean - m) * (row.mean - m);
        xm += row.weight * (row.x - x) * (row.mean - m);
    }
    return xx > 0.0 && mm > 0.0 ? xm / std::sqrt(xx * mm) : 0.0;
}

}  // namespace

void check_spend(const PurchaseSummary& customers) {
    for (std::size_t i = 0; i < customers.monetary_value.size(); ++i) {
        const bool counts = customers.weight.empty() || customers.weight[i] > 0.0;
        if (customers.frequency[i] > 0.0 && counts && customers.monetary_value[i] > 0.0) {
            return;
        }
    }
    throw InputError("no customer with a repeat purchase of positive value: spend cannot be fitted");
}

SpendRows spend_rows(const PurchaseSummary& customers) {
    SpendRows found;
    for (std::size_t i = 0; i < customers.monetary_value.size(); ++i) {
        const double weight = customers.weight.empty() ? 1.0 : customers.weight[i];
        const double mean = customers.monetary_value[i];
        if (customers.frequency[i] <= 0.0 || weight == 0.0) {
            continue;
        }
        if (!std::isfinite(mean)) {
            throw InputError(
                fmt::format("monetary_value {} (row {}): give the mean of the repeat days' totals", mean, i + 1));
        }
        if (mean <= 0.0) {
            found.without_value += weight;
            continue;
        }
        found.rows.push_back({customers.frequency[i], mean, weight});
        found.customers += weight;
    }
    std::ranges::sort(found.rows, {}, [](const SpendRow& row) { return std::array{row.x, row.mean, row.weight}; });
    for (const SpendRow& row : found.rows) {
        found.mean += row.weight * row.mean / found.customers;
    }
    return found;
}

SpendFit fit_spend(const PurchaseSummary& customers) {
    check_spend(customers);
    const SpendRows found = spend_rows(customers);
    const std::vector<SpendRow>& rows = found.rows;
    const double mean = found.mean;
    SpendFit fit;
    fit.customers = found.customers;
    const auto likelihood_of = [](const std::vector<SpendRow>& of) -> LogLikelihood {
        return [of](const FourParameters& at) { return spend_log_likelihood(of, {at[0], at[1], at[2]}); };
    };
    const LogMaximum best =
        maximise_over(rows, likelihood_of, 3, {1.0, 1.0, mean, 1.0},
                      {{2.0, 3.0, mean, 1.0}, {6.0, 4.0, 0.5 * mean, 1.0}, {0.5, 10.0, 20.0 * mean, 1.0}});
    for (std::size_t i = 0; i < 3; ++i) {
        fit.parameters[i] = best.parameters[i];
        fit.standard_errors[i] = best.standard_errors[i];
    }
    fit.log_covariance = best.log_covariance;
    fit.log_likelihood = best.value;
    fit.aic = 6.0 - 2.0 * best.value;
    fit.status = best.status;
    if (fit.parameters[1] <= 1.0) {
        fit.warnings.push_back(fmt::format(
            "spend: q = {:.3g} is not above 1, so the mean spend of a customer without repeat purchases is undefined",
            fit.parameters[1]));
    }
    if (found.without_value > 0.0) {
        fit.warnings.push_back(fmt::format(
            "spend: {} repeat customers of no positive mean value were left out of the fit", found.without_value));
    }
    if (const double r = correlation(rows, fit.customers); std::abs(r) > 0.3) {
        fit.warnings.push_back(fmt::format(
            "spend: mean spend and frequency correlate at {:.2f}, but gamma_gamma takes them to be independent", r));
    }
    return fit;
}

std::vector<SpendParameters> draw_parameters(const SpendFit& fit, std::size_t count, const DrawPoints& points) {
    std::vector<SpendParameters> result;
    for (std::size_t k = 0; k < count && !fit.draws.empty(); ++k) {
        result.push_back(fit.draws[place_among(fit.draws.size(), points, DrawStream::spend, k)]);
    }
    if (!fit.draws.empty()) {
        return result;
    }
    for (const FourParameters& draw : draw_around({fit.parameters[0], fit.parameters[1], fit.parameters[2], 1.0},
                                                  fit.log_covariance, 3, count, points, DrawStream::spend)) {
        const auto& [p, q, v] = fit.parameters;
        const bool infinite = q > 1.0 && !(draw[1] > 1.0);  // mean spend: mirrored at the estimate
        result.push_back(infinite ? SpendParameters{p * p / draw[0], q * q / draw[1], v * v / draw[2]}
                                  : SpendParameters{draw[0], draw[1], draw[2]});
    }
    return result;
}

}  // namespace clv
