#include "clv/models/fitted_model.hpp"

#include <cstddef>
#include <string>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/core/units.hpp"
#include "clv/models/covariate_fit.hpp"
#include "clv/models/identification.hpp"
#include "clv/models/rival_laws.hpp"
#include "clv/paths/purchase_posterior.hpp"

namespace clv {

void check_fit(const PurchaseHistory& history, const FitSettings& settings) {
    const PurchaseSummary& summary = history.summary;
    if (!settings.model) {
        return;
    }
    double customers = summary.weight.empty() ? 1.0 : 0.0;
    for (std::size_t i = 0; i < summary.weight.size(); ++i) {
        customers += summary.weight[i];
    }
    if (!(customers > 0.0)) {
        throw InputError("no customers to fit a purchase model to");
    }
    if (!settings.covariates.empty()) {
        check_covariates(summary, *settings.model, settings.covariates);
    }
    if (settings.spend_model) {
        check_spend(summary);
    }
    if (settings.calendar && history.daily.first_purchases.size() / 7 > most_calendar_weeks) {
        throw InputError(
            "more than a century of purchases (calendar): see input.dates_between and fit.observation_end");
    }
}

FittedModel fit_model(const PurchaseHistory& history, PurchaseLaw law, bool with_spend,
                      const std::vector<std::string>& covariates, int threads) {
    FittedModel model{covariates.empty() ? fit_purchases(history.summary, law)
                                         : fit_with_covariates(history.summary, law, covariates, threads),
                      {}};
    identify(model.purchase, history.summary, threads);
    if (std::string rivals = said_of_rivals(model.purchase, history.summary); !rivals.empty()) {
        model.purchase.warnings.push_back(std::move(rivals));
    }
    if (with_spend) {
        model.spend = fit_spend(history.summary);
        identify(*model.spend, history.summary, threads);
    }
    return model;
}

PurchaseForecasts forecasts_of(const FittedModel& model, const PurchaseSummary& summary, double time) {
    const CovariateEffects& effects = model.purchase.covariates;
    const auto covariates = covariates_of(summary, effects.names);
    PurchaseForecasts forecasts;
    for (std::size_t i = 0; i < summary.size(); ++i) {
        throw_if_interrupted();
        const PurchaseModel own =
            covariates.empty() ? model.purchase.model
                               : with_factors(model.purchase.model, covariate_factor(covariates, effects.rate, i),
                                              covariate_factor(covariates, effects.dropout, i));
        const double x = summary.frequency[i];
        forecasts.p_alive.push_back(own.p_alive(x, summary.recency[i], summary.age[i]));
        forecasts.purchases.push_back(own.conditional_expectation(x, summary.recency[i], summary.age[i], time));
        const double mean = summary.monetary_value.empty() ? 0.0 : summary.monetary_value[i];
        forecasts.spend.push_back(model.spend ? expected_spend(model.spend->parameters, x, mean) : 1.0);
    }
    return forecasts;
}

namespace {

auto expectation_of(const PurchaseModel& model) {
    return [&model](double days) { return model.expected_purchases(days / days_per(model.time_unit)); };
}

}  // namespace

std::optional<WeeklyPurchases> weekly_purchases(const PurchaseHistory& history, const PurchaseModel& model) {
    return history.daily.first_purchases.empty()
               ? std::nullopt
               : std::optional(weekly_purchases(history.daily, expectation_of(model)));
}

std::optional<CalendarFit> fit_calendar(const PurchaseHistory& history, const PurchaseModel& model) {
    return history.daily.first_purchases.empty()
               ? std::nullopt
               : std::optional(fit_calendar(calendar_purchases(history.daily, expectation_of(model)), 0, 1));
}

}  // namespace clv
