#include "clv/models/fitted_model.hpp"

#include "clv/core/units.hpp"
#include "clv/models/identification.hpp"

namespace clv {

FittedModel fit_model(const PurchaseHistory& history, PurchaseLaw law, bool with_spend,
                      const std::vector<std::string>& covariates, int threads) {
    FittedModel model{covariates.empty() ? fit_purchases(history.summary, law)
                                         : fit_with_covariates(history.summary, law, covariates, threads),
                      {}};
    identify(model.purchase, history.summary, threads);
    if (with_spend) {
        model.spend = fit_spend(history.summary);
        identify(*model.spend, history.summary, threads);
    }
    return model;
}

std::optional<WeeklyPurchases> weekly_purchases(const PurchaseHistory& history, const PurchaseModel& model) {
    if (history.daily.first_purchases.empty()) {
        return std::nullopt;
    }
    return weekly_purchases(history.daily,
                            [&](double days) { return model.expected_purchases(days / days_per(model.time_unit)); });
}

std::optional<CalendarFit> fit_calendar(const PurchaseHistory& history, const PurchaseModel& model) {
    const auto weeks = weekly_purchases(history, model);
    return weeks ? std::optional(fit_calendar(*weeks, 0, 1)) : std::nullopt;
}

}  // namespace clv
