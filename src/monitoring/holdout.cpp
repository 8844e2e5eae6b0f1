#include "clv/monitoring/holdout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "clv/core/errors.hpp"
#include "clv/core/units.hpp"
#include "clv/paths/purchase_posterior.hpp"
#include "clv/random/inverse_normal.hpp"
#include "clv/random/philox.hpp"

namespace clv {

namespace {

constexpr std::size_t days_in_week = 7;

/// Where in a step of the distribution the PIT of a customer is drawn: [0] purchases, [1] spend.
std::array<double, 2> pit_draws(std::uint64_t id_hash, std::uint64_t seed) {
    const PhiloxKey key = philox_key(static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
    const auto block =
        philox_paths<std::uint32_t>(draw_address(Purpose::holdout, 0), 0, static_cast<std::uint32_t>(id_hash),
                                    static_cast<std::uint32_t>(id_hash >> 32), key);
    return {block.word[0] * 0x1p-32, block.word[1] * 0x1p-32};
}

TotalForecast total_of(std::vector<double> paths, double actual) {
    TotalForecast total;
    const ForecastScore score = score_values(paths, actual, 0.5);
    total.mean = score.mean;
    total.pit = score.pit;
    total.crps = score.crps;
    double squares = 0.0;
    for (const double value : paths) {
        squares += (value - total.mean) * (value - total.mean);
    }
    total.sd = paths.size() > 1 ? std::sqrt(squares / static_cast<double>(paths.size() - 1)) : 0.0;
    std::ranges::sort(paths);
    for (std::size_t level = 0; level < holdout_quantiles.size(); ++level) {
        total.quantiles[level] = sorted_quantile(paths, holdout_quantiles[level]);
    }
    return total;
}

/// Purchases up to the end of every week, [week][path].
std::vector<std::vector<double>> cumulative(const PurchaseForecast& forecast) {
    const std::size_t paths = forecast.spend.size();
    std::vector<std::vector<double>> sums;
    std::vector<double> sum(paths, 0.0);
    for (std::size_t week = 0; week < static_cast<std::size_t>(forecast.weeks); ++week) {
        for (std::size_t path = 0; path < paths; ++path) {
            sum[path] += static_cast<double>(forecast.purchases[week * paths + path]);
        }
        sums.push_back(sum);
    }
    return sums;
}

double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Purchases up to the end of every week; the last may be cut short.
std::vector<double> cumulative_actual(const DailyPurchases& daily, std::size_t weeks) {
    std::vector<double> sums;
    double sum = 0.0;
    for (std::size_t day = 0; day < daily.repeat_purchases.size(); ++day) {
        sum += daily.repeat_purchases[day];
        if ((day + 1) % days_in_week == 0) {
            sums.push_back(sum);
        }
    }
    sums.resize(weeks, sum);
    return sums;
}

/// What takes no simulation: closed forms, and the past continued.
void expect(const RetailColumns& columns, const PurchaseModel& model, const SpendParameters& spend, double weeks,
            HoldoutComparison& comparison) {
    const double units = weeks * days_per_week / days_per(columns.time_unit);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const double x = columns.frequency[i];
        const double age = columns.age[i];
        const double expected = model.conditional_expectation(x, columns.recency[i], age, units);
        const double continued = age > 0.0 ? x / age * units : 0.0;
        comparison.purchases.closed_form.push_back(expected);
        comparison.purchases.naive.push_back(continued);
        if (comparison.spend) {
            const double mean = columns.monetary_value.empty() ? 0.0 : columns.monetary_value[i];
            comparison.spend->closed_form.push_back(expected * expected_spend(spend, x, mean));
            comparison.spend->naive.push_back(continued * mean);
        }
    }
}

/// How far off the distributions behind the closed forms are: the parameters are certain, and every week is as usual.
void score_closed_forms(const Backend& backend, const RetailColumns& columns, const SimulationPlan& plan,
                        const HoldoutPurchases& holdout, HoldoutComparison& comparison, Progress& progress) {
    comparison.purchases.closed_form_crps.resize(columns.size());
    if (comparison.spend) {
        comparison.spend->closed_form_crps.resize(columns.size());
    }
    const TakePurchases score = [&](std::size_t i, std::span<const std::uint32_t> counts,
                                    std::span<const float> worth) {
        comparison.purchases.closed_form_crps[i] = score_counts(counts, holdout.purchases[i], 0.5).crps;
        if (comparison.spend) {
            const std::vector<double> values(worth.begin(), worth.end());
            comparison.spend->closed_form_crps[i] = score_values(values, holdout.revenue[i], 0.5).crps;
        }
    };
    backend.forecast_purchases(columns, plan, comparison.weeks, score, progress);
}

/// The totals were all weeks as usual.
void compare_usual_weeks(const Backend& backend, const RetailColumns& usual, const SimulationPlan& plan,
                         HoldoutComparison& comparison, Progress& progress) {
    const TakePurchases ignore = [](std::size_t, std::span<const std::uint32_t>, std::span<const float>) {};
    const PurchaseForecast without = backend.forecast_purchases(usual, plan, comparison.weeks, ignore, progress);
    const auto usual_weeks = cumulative(without);
    comparison.purchases.total_without_calendar = total_of(usual_weeks.back(), comparison.purchases.actual);
    for (std::size_t week = 0; week < usual_weeks.size(); ++week) {
        comparison.tracking[week].mean_without_calendar = mean_of(usual_weeks[week]);
    }
    if (comparison.spend) {
        comparison.spend->total_without_calendar = total_of(without.spend, comparison.spend->actual);
    }
}

}  // namespace

HoldoutComparison compare_with_holdout(const Backend& backend, const RetailColumns& columns, const PurchaseModel& model,
                                       const RetailDraw& at_estimates, const HoldoutPurchases& holdout,
                                       const SimulationSettings& settings, Progress& progress) {
    HoldoutComparison comparison;
    comparison.weeks = holdout.weeks();
    SimulationPlan plan;
    plan.settings = settings;
    plan.settings.cashflow = false;
    plan.settings.horizon_months = static_cast<int>(std::ceil(comparison.weeks / weeks_per_month));
    if (plan.settings.horizon_months > max_horizon_months) {
        throw ConfigError(
            fmt::format("{} months are held out, and {} can be forecast: name a later fit.holdout or an "
                        "earlier fit.observation_end",
                        plan.settings.horizon_months, max_horizon_months));
    }
    CustomerForecasts& purchases = comparison.purchases;
    purchases.scores.resize(columns.size());
    if (columns.draws.front().spend[0] > 0.0) {
        comparison.spend.emplace().scores.resize(columns.size());
    }
    expect(columns, model, at_estimates.spend, comparison.weeks, comparison);
    const TakePurchases score = [&](std::size_t i, std::span<const std::uint32_t> counts,
                                    std::span<const float> worth) {
        const auto draws = pit_draws(columns.id_hash[i], settings.seed);
        purchases.scores[i] = score_counts(counts, holdout.purchases[i], draws[0]);
        if (comparison.spend) {
            const std::vector<double> values(worth.begin(), worth.end());
            comparison.spend->scores[i] = score_values(values, holdout.revenue[i], draws[1]);
        }
    };
    const PurchaseForecast forecast = backend.forecast_purchases(columns, plan, comparison.weeks, score, progress);
    purchases.actual = std::accumulate(holdout.purchases.begin(), holdout.purchases.end(), 0.0);
    const auto paths = cumulative(forecast);
    const auto actual = cumulative_actual(holdout.daily, paths.size());
    purchases.total = total_of(paths.back(), purchases.actual);
    for (std::size_t week = 0; week < paths.size(); ++week) {
        std::vector<double> sorted = paths[week];
        std::ranges::sort(sorted);
        comparison.tracking.push_back(
            {actual[week], mean_of(sorted), sorted_quantile(sorted, 0.05), sorted_quantile(sorted, 0.95), {}});
    }
    if (comparison.spend) {
        comparison.spend->actual = std::accumulate(holdout.revenue.begin(), holdout.revenue.end(), 0.0);
        comparison.spend->total = total_of(forecast.spend, comparison.spend->actual);
    }
    RetailColumns other = columns;
    other.draws = {at_estimates};
    other.draws.front().calendar = {};
    score_closed_forms(backend, other, plan, holdout, comparison, progress);
    if (std::ranges::all_of(columns.draws, is_constant, &RetailDraw::calendar)) {
        return comparison;
    }
    other.draws = columns.draws;
    for (RetailDraw& draw : other.draws) {
        draw.calendar = {};
    }
    compare_usual_weeks(backend, other, plan, comparison, progress);
    return comparison;
}

double SeasonalNaive::quantile(double level) const {
    const auto share = static_cast<std::uint32_t>(level * 0x1p32);
    return median * std::exp(log_sd * static_cast<double>(inverse_normal<float>(share)));
}

std::optional<SeasonalNaive> seasonal_naive(std::span<const double> weekly, std::size_t weeks_ahead) {
    constexpr std::size_t year = 52;
    constexpr std::size_t least_errors = 4;
    std::vector<double> sums;  // of `weeks_ahead` weeks, by the last of them
    for (std::size_t end = weeks_ahead; end <= weekly.size(); ++end) {
        sums.push_back(std::accumulate(weekly.begin() + static_cast<std::ptrdiff_t>(end - weeks_ahead),
                                       weekly.begin() + static_cast<std::ptrdiff_t>(end), 0.0));
    }
    const bool knows_year = weeks_ahead <= year && sums.size() >= year + least_errors;
    const std::size_t lag = knows_year ? year : weeks_ahead;
    if (weeks_ahead == 0 || sums.size() < lag + least_errors) {
        return std::nullopt;
    }
    double squares = 0.0;
    for (std::size_t i = lag; i < sums.size(); ++i) {
        const double error = std::log(std::max(sums[i], 1.0) / std::max(sums[i - lag], 1.0));
        squares += error * error;
    }
    return SeasonalNaive{sums[sums.size() - 1 + weeks_ahead - lag],
                         std::sqrt(squares / static_cast<double>(sums.size() - lag))};
}

}  // namespace clv
