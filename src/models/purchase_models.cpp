#include "clv/models/purchase_models.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "clv/core/errors.hpp"
#include "clv/paths/purchase_posterior.hpp"
#include "models/laws/purchase_law_traits.hpp"

namespace clv {
namespace {

/// What an alive customer's rate and dropout are distributed like: the law's own shape with other parameters.
struct Alive {
    double p_alive;
    PurchaseParameters at;
};

Alive alive(const PurchaseModel& model, double x, double recency, double age) {
    const PurchasePosterior posterior = purchase_posterior(model.law, model.parameters, x, recency, age);
    const double rate = has_opportunities(model.law) ? posterior.rate_other : 1.0 / posterior.rate_scale;
    return {posterior.alive,
            {posterior.rate_shape, rate, posterior.dropout_shape,
             traits_of(model.law).dropout_in_time ? 1.0 / posterior.dropout_scale : posterior.dropout_other}};
}

const PurchaseForms& forms_of(const PurchaseModel& model) {
    return traits_of(model.law).forms(model.has_dropout());
}

}  // namespace

bool PurchaseModel::has_dropout() const noexcept {
    return clv::has_dropout(law, parameters);
}

double PurchaseModel::log_likelihood(double x, double recency, double age) const {
    return forms_of(*this).log_likelihood(PurchaseRows({{x, recency, age, 1.0}}), parameters).value;
}

double PurchaseModel::p_alive(double x, double recency, double age) const {
    return purchase_posterior(law, parameters, x, recency, age).alive;
}

double PurchaseModel::expected_purchases(double t) const {
    return conditional_expectation(0.0, 0.0, 0.0, t);
}

double PurchaseModel::conditional_expectation(double x, double recency, double age, double t) const {
    const Alive now = alive(*this, x, recency, age);
    return t <= 0.0 ? 0.0 : now.p_alive * forms_of(*this).expected(now.at, t);
}

double PurchaseModel::discounted_residual(double x, double recency, double age, double rate) const {
    if (!(rate > 0.0) || !std::isfinite(rate)) {
        throw ModelError(fmt::format("discount rate {} of residual purchases: give one above 0", rate));
    }
    const Alive now = alive(*this, x, recency, age);
    return now.p_alive * forms_of(*this).discounted(now.at, rate);
}

double PurchaseModel::count_probability(int n, double t) const {
    return n < 0 ? 0.0 : forms_of(*this).count_probability(parameters, n, t);
}

std::size_t parameter_count(PurchaseLaw law) noexcept {
    return traits_of(law).parameter_count();
}

std::string_view law_name(PurchaseLaw law) noexcept {
    return traits_of(law).name;
}

std::span<const std::string_view> law_parameters(PurchaseLaw law) noexcept {
    return std::span(traits_of(law).parameters).first(parameter_count(law));
}

HistoryTime history_time(PurchaseLaw law) noexcept {
    return has_opportunities(law) ? HistoryTime::periods : HistoryTime::continuous;
}

PurchaseLaw law_named(std::string_view name) {
    const auto found = std::ranges::find(purchase_laws, name, [](PurchaseLaw law) { return law_name(law); });
    if (found == purchase_laws.end()) {
        throw InputError(fmt::format("purchase model \"{}\" is unknown", name));
    }
    return *found;
}

}  // namespace clv
