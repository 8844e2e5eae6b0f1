#include "clv/models/fitted_model.hpp"

#include "clv/core/units.hpp"

namespace clv {

FittedModel fit_model(const PurchaseHistory& history, PurchaseLaw law, bool with_spend,
                      const std::vector<std::string>& covariates, int threads) {
    FittedModel model{covariates.empty() ? fit_purchases(history.summary, law)
                                         : fit_with_covariates(history.summary, law, covariates, threads),
                      {}};
    if (with_spend) {
        model.spend = fit_spend(history.summary);
    }
    return model;
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
