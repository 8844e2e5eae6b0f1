#include "clv/models/purchase_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/data/histories/history_rules.hpp"
#include "clv/math/log_maximum.hpp"
#include "clv/paths/purchase_posterior.hpp"
#include "models/laws/purchase_law_traits.hpp"
#include "parameter_draws.hpp"
#include "purchase_problem.hpp"

namespace clv {
std::vector<PurchaseRow> distinct_rows(const PurchaseSummary& customers, PurchaseLaw law) {
    const HistoryTime time = history_time(law);
    std::vector<PurchaseRow> rows;
    rows.reserve(customers.size());
    for (std::size_t i = 0; i < customers.frequency.size(); ++i) {
        const PurchaseRow row{customers.frequency[i], customers.recency[i], customers.age[i],
                              customers.weight.empty() ? 1.0 : customers.weight[i]};
        const auto fault = history_fault(row.x, row.recency, row.age, 0.0, time);
        if (fault || row.x > 1.0e6 || !(row.weight >= 0.0) || !std::isfinite(row.weight)) {
            throw InputError(fmt::format("frequency {}, recency {}, T {}, weight {} (row {}): {}", row.x, row.recency,
                                         row.age, row.weight, i + 1,
                                         fault ? fault->problem + ": " + fault->remedy
                                               : "frequency is at most a million, and weight a finite number >= 0"));
        }
        if (row.weight > 0.0) {
            rows.push_back(row);
        }
    }
    if (rows.empty()) {
        throw InputError("no customers to fit a purchase model to");
    }
    const auto key = [](const PurchaseRow& row) { return std::array{row.x, row.recency, row.age}; };
    std::ranges::sort(rows, {}, [&](const PurchaseRow& row) {
        return std::array{row.x, row.recency, row.age, row.weight};
    });
    std::size_t last = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        if (key(rows[i]) == key(rows[last])) {
            rows[last].weight += rows[i].weight;
        } else {
            rows[++last] = rows[i];
        }
    }
    rows.resize(last + 1);
    return rows;
}

TypicalCustomer typical_customer(std::span<const PurchaseRow> rows, PurchaseLaw law) {
    if (has_opportunities(law)) {
        return {1.0, 1.0};
    }
    double customers = 0.0;
    double age = 0.0;
    double purchases = 0.0;
    for (const PurchaseRow& row : rows) {
        customers += row.weight;
        age += row.weight * row.age;
        purchases += row.weight * row.x;
    }
    const double mean_age = age > 0.0 ? age / customers : 1.0;
    return {mean_age, std::max(age, 1.0e-9 * mean_age) / std::max(purchases, 1.0)};
}

namespace {

/// The best without dropout, or with it where that is allowed and more likely by more than rounding.
LogMaximum best_of(PurchaseLaw law, const std::vector<PurchaseRow>& rows, const TypicalCustomer& typical,
                   bool may_drop_out, std::vector<std::string>& warnings) {
    const PurchaseLawTraits& traits = traits_of(law);
    const auto maximum = [&](bool dropout, const std::vector<FourParameters>& starts) {
        const FourParameters scales{1.0, typical.age, 1.0, traits.dropout_in_time ? typical.age : 1.0};
        const auto likelihood_of = [&](const std::vector<PurchaseRow>& of) -> LogLikelihood {
            return [form = traits.forms(dropout).log_likelihood, table = std::make_shared<const PurchaseRows>(of)](
                       const FourParameters& at) { return form(*table, at); };
        };
        return maximise_over(rows, likelihood_of, dropout ? 4 : 2, scales, starts);
    };
    const LogMaximum plain = maximum(false, traits.starts_without_dropout(typical));
    if (!traits.drops_out()) {
        return plain;
    }
    LogMaximum best = may_drop_out ? maximum(true, traits.starts(typical, plain.parameters)) : plain;
    if (!(best.value > plain.value + 1.0e-9 * std::max(1.0, std::abs(plain.value)))) {
        best = plain;
        best.parameters[2] = traits.third_at_limit;
        best.parameters[3] = std::numeric_limits<double>::infinity();
        best.standard_errors[2] = best.standard_errors[3] = std::numeric_limits<double>::quiet_NaN();
        best.status = FitStatus::at_bound;
        warnings.emplace_back(
            "dropout is not identified: these data are about as likely if nobody ever drops out, and the model is "
            "taken "
            "at that limit");
    }
    return best;
}

PurchaseFit fit_of(const PurchaseSummary& customers, PurchaseLaw law, bool may_drop_out) {
    const std::vector<PurchaseRow> rows = distinct_rows(customers, law);
    PurchaseFit fit;
    fit.model = {law, {}, customers.time_unit};
    double age = 0.0;
    double purchases = 0.0;
    for (const PurchaseRow& row : rows) {
        fit.customers += row.weight;
        age += row.weight * row.age;
        purchases += row.weight * row.x;
    }
    const LogMaximum best = best_of(law, rows, typical_customer(rows, law), may_drop_out, fit.warnings);
    fit.model.parameters = best.parameters;
    fit.standard_errors = best.standard_errors;
    fit.log_covariance = best.log_covariance;
    fit.log_likelihood = best.value;
    fit.aic = 2.0 * static_cast<double>(parameter_count(law)) - 2.0 * best.value;
    fit.status = best.status;
    if (age == 0.0) {
        fit.status = FitStatus::not_identified;
        fit.standard_errors.fill(std::numeric_limits<double>::quiet_NaN());
        fit.warnings.emplace_back(
            "no time has passed since anybody's first purchase: the data tell nothing of what customers do after it");
    } else if (purchases == 0.0) {
        fit.warnings.emplace_back("nobody bought again: the data tell nothing of how often customers buy");
    } else if (const auto warning = traits_of(law).warning) {
        if (std::string text = warning(rows, fit.customers); !text.empty()) {
            fit.warnings.push_back(std::move(text));
        }
    }
    return fit;
}

}  // namespace

PurchaseFit fit_purchases(const PurchaseSummary& customers, PurchaseLaw law) {
    return fit_of(customers, law, true);
}

PurchaseFit fit_without_dropout(const PurchaseSummary& customers, PurchaseLaw law) {
    return fit_of(customers, law, false);
}

std::vector<std::string> unidentified_parameters(const PurchaseFit& fit) {
    const std::size_t free = fit.model.has_dropout() ? 4 : 2;
    const auto names = law_parameters(fit.model.law);
    FourByFour identified = fit.log_covariance;
    const bool held = hold_unidentified(identified, free) || fit.status == FitStatus::not_identified;
    std::vector<std::string> unidentified;
    std::size_t known = 0;
    for (std::size_t i = 0; i < free; ++i) {
        known += identified[i][i] > 0.0 ? 1 : 0;
        if (held && !(identified[i][i] > 0.0)) {
            unidentified.emplace_back(names[i]);
        }
    }
    return known > 0 ? unidentified : std::vector<std::string>{};  // a fit without any curvature says so by its status
}

std::vector<PurchaseParameters> draw_parameters(const PurchaseFit& fit, std::size_t count, const DrawPoints& points) {
    const std::size_t free = fit.model.has_dropout() ? 4 : 2;
    return draw_around(fit.model.parameters, fit.log_covariance, free, count, points, DrawStream::purchase);
}

}  // namespace clv
