#include "clv/models/spend_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "clv/core/errors.hpp"
#include "log_maximum.hpp"
#include "spend_likelihood.hpp"

namespace clv {

double spend_log_likelihood(const std::vector<SpendRow>& rows, const SpendParameters& at) {
    const auto [p, q, v] = at;
    double sum = 0.0;
    for (const SpendRow& row : rows) {
        const double shape = p * row.x;
        const double total = row.x * row.mean;
        // (v / (v + total))^q (total / (v + total))^shape / (m B(shape, q))
        sum += row.weight * (std::lgamma(shape + q) - std::lgamma(shape) - std::lgamma(q) - std::log(row.mean) -
                             q * std::log1p(total / v) - shape * std::log1p(v / total));
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

SpendFit fit_spend(const PurchaseSummary& customers) {
    std::vector<SpendRow> rows;
    SpendFit fit;
    double zero = 0.0;
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
            zero += weight;
            continue;
        }
        rows.push_back({customers.frequency[i], mean, weight});
        fit.customers += weight;
    }
    if (rows.empty()) {
        throw InputError("no customer with a repeat purchase of positive value: spend cannot be fitted");
    }
    std::ranges::sort(rows, {}, [](const SpendRow& row) { return std::array{row.x, row.mean, row.weight}; });
    double mean = 0.0;
    for (const SpendRow& row : rows) {
        mean += row.weight * row.mean / fit.customers;
    }
    LogMaximum best = maximise(
        [&](const FourParameters& at) {
            return spend_log_likelihood(rows, {at[0], at[1], at[2]});
        },
        3, {1.0, 1.0, mean, 1.0}, {{2.0, 3.0, mean, 1.0}, {6.0, 4.0, 0.5 * mean, 1.0}, {0.5, 10.0, 20.0 * mean, 1.0}});
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
    if (zero > 0.0) {
        fit.warnings.push_back(
            fmt::format("spend: {} repeat customers of no positive mean value were left out of the fit", zero));
    }
    if (const double r = correlation(rows, fit.customers); std::abs(r) > 0.3) {
        fit.warnings.push_back(fmt::format(
            "spend: mean spend and frequency correlate at {:.2f}, but gamma_gamma takes them to be independent", r));
    }
    if (fit.status != FitStatus::converged) {
        fit.warnings.push_back(fmt::format("spend: the fit is {}", to_string(fit.status)));
    }
    return fit;
}

std::vector<SpendParameters> draw_parameters(const SpendFit& fit, std::size_t count, std::uint64_t seed) {
    std::vector<SpendParameters> result;
    for (const FourParameters& draw :
         draw_around({fit.parameters[0], fit.parameters[1], fit.parameters[2], 1.0}, fit.log_covariance, 3, count,
                     seed ^ 0x5350454e44ULL)) {  // not the numbers of the purchase parameters
        result.push_back({draw[0], draw[1], draw[2]});
    }
    return result;
}

}  // namespace clv
