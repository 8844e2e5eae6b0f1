#pragma once
// Truth after the fact: what customers were forecast to buy beside what they bought.
//
// A customer's own history leaves chance, and chance averages out over customers; what is left of a total's error is
// the weeks that were good or bad for everybody. So customers and totals are judged apart, and the totals also without
// the shared calendar, to show what it is for.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/data/histories/purchase_history.hpp"
#include "clv/models/purchase_models.hpp"
#include "clv/paths/retail_columns.hpp"
#include "clv/risk/forecast_scores.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

/// Levels of the quantiles of totals, and of the bands whose coverage is counted.
inline constexpr std::array holdout_quantiles{0.025, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.975};
inline constexpr std::array holdout_bands{0.50, 0.80, 0.90, 0.95};

/// Of all customers together over the whole time held out.
struct TotalForecast {
    double mean = 0.0;
    double sd = 0.0;
    std::array<double, holdout_quantiles.size()> quantiles{};
    double pit = 0.0;
    double crps = 0.0;
};

/// Purchases, or their worth, customer by customer.
struct CustomerForecasts {
    std::vector<ForecastScore> scores;
    std::vector<double> closed_form;  ///< the models' expectation at the estimates, in usual weeks
    /// CRPS of its predictive distribution, [customer]: the law at the estimates, alive or not, in usual weeks
    std::vector<double> closed_form_crps;
    std::vector<double> naive;  ///< as much a day as up to the end of calibration
    double actual = 0.0;        ///< of all together
    TotalForecast total;
    std::optional<TotalForecast> total_without_calendar;  ///< if there is a calendar
};

/// Purchases of all customers together since the end of calibration, at the end of a week.
struct TrackedWeek {
    double actual = 0.0;
    double mean = 0.0;
    double low = 0.0;   ///< 5% quantile
    double high = 0.0;  ///< 95% quantile
    std::optional<double> mean_without_calendar;
};

struct HoldoutComparison {
    double weeks = 0.0;  ///< held out
    CustomerForecasts purchases;
    std::optional<CustomerForecasts> spend;  ///< currency; if there is a spend model
    std::vector<TrackedWeek> tracking;
};

/// Forecasts the customers of `columns`, whose model is `model`, over the time of `holdout` with settings.paths paths,
/// and compares. `at_estimates`: the parameters that closed forms go by. Throws ConfigError if more than
/// max_horizon_months are held out, and what Backend::forecast_purchases throws.
[[nodiscard]] HoldoutComparison compare_with_holdout(const Backend& backend, const RetailColumns& columns,
                                                     const PurchaseModel& model, const RetailDraw& at_estimates,
                                                     const HoldoutPurchases& holdout,
                                                     const SimulationSettings& settings, Progress& progress);

/// A total of weeks to come by its own past alone: the same weeks of last year where a year is known, else the last
/// weeks, with a log-normal band of the errors which that rule made so far.
struct SeasonalNaive {
    double median = 0.0;
    double log_sd = 0.0;

    /// Of `level` in (0, 1).
    [[nodiscard]] double quantile(double level) const;
};

/// `weekly`: totals up to the end of calibration, [week]. Nothing if fewer than 4 errors can be counted.
[[nodiscard]] std::optional<SeasonalNaive> seasonal_naive(std::span<const double> weekly, std::size_t weeks_ahead);

}  // namespace clv
