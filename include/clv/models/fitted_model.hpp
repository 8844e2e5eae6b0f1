#pragma once
// Everything that is fitted to purchases: when customers buy and stop, what they spend, and the weeks they share.

#include <cstdint>
#include <optional>
#include <vector>

#include "clv/models/bootstrap_fit.hpp"
#include "clv/models/calendar.hpp"
#include "clv/models/fit_settings.hpp"
#include "clv/models/purchase_fit.hpp"
#include "clv/models/spend_fit.hpp"

namespace clv {

struct FittedModel {
    PurchaseFit purchase;
    std::optional<SpendFit> spend;
    std::optional<CalendarFit> calendar{};  ///< that all customers share; its draws are made anew for a horizon
    std::vector<ModelDraw> bootstrap{};     ///< empty unless asked for
};

/// What a model expects of customers, whose histories are known, after these. [customer]
struct PurchaseForecasts {
    std::vector<double> p_alive;
    std::vector<double> purchases;  ///< within a time
    std::vector<double> spend;      ///< currency a purchase; 1 without a model of spend
};

/// Within `time`, in the model's unit. Throws Interrupted.
[[nodiscard]] PurchaseForecasts forecasts_of(const FittedModel& model, const PurchaseSummary& summary, double time);

/// Throws InputError for sound histories that cannot be fitted as the settings ask, and fits nothing.
void check_fit(const PurchaseHistory& history, const FitSettings& settings);

/// Fits the purchase model, with covariates if there are names, and, where wanted, the spend model, and settles what is
/// identified of them (identify()).
[[nodiscard]] FittedModel fit_model(const PurchaseHistory& history, PurchaseLaw law, bool with_spend,
                                    const std::vector<std::string>& covariates = {}, int threads = 0);

/// Repeat purchases of the weeks of a history beside those that the model expects; nothing where it has no days.
[[nodiscard]] std::optional<WeeklyPurchases> weekly_purchases(const PurchaseHistory& history,
                                                              const PurchaseModel& model);

/// Fits the calendar to these purchases, in cells that all of them can fall into; nothing where there are none.
[[nodiscard]] std::optional<CalendarFit> fit_calendar(const PurchaseHistory& history, const PurchaseModel& model);

}  // namespace clv
