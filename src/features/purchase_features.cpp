#include "clv/features/purchase_features.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

namespace clv {

namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

double days_between(sys_days from, sys_days to) {
    return static_cast<double>((to - from).count());
}

/// (now - before) / (now + before), from -1 (nothing any more) to 1 (nothing before); unknown for nothing in either, or
/// where returns leave a window negative.
double change(double now, double before) {
    return now < 0.0 || before < 0.0 || now + before == 0.0 ? unknown : (now - before) / (now + before);
}

/// Whether the customer could have bought on every day of both windows: else its trend is only its being new.
bool knows_both(const PurchaseFeatures& features, std::size_t customer, std::size_t window) {
    return features.snapshot - features.first_day[customer] >= days(2 * feature_windows[window]);
}

double since_last(const PurchaseFeatures& features, std::size_t customer, std::size_t /*window*/) {
    return days_between(features.last_day[customer], features.snapshot) / days_per(features.time_unit);
}

double tenure_months(const PurchaseFeatures& features, std::size_t customer, std::size_t /*window*/) {
    return days_between(features.first_day[customer], features.snapshot) / days_per_month;
}

std::vector<PurchaseFeature> make_table() {
    using F = PurchaseFeatures;
    std::vector<PurchaseFeature> table{
        {"since_last", "since_last", since_last},
        {"tenure_months", "tenure_months", tenure_months},
        {"revenue", "revenue", [](const F& f, std::size_t i, std::size_t) { return f.revenue[i]; }},
        {"gap_mean", "gap_mean", [](const F& f, std::size_t i, std::size_t) { return f.gap_mean(i); }},
        {"gap_sd", "gap_sd", [](const F& f, std::size_t i, std::size_t) { return f.gap_sd(i); }},
        {"gap_cv", "gap_cv", [](const F& f, std::size_t i, std::size_t) { return f.gap_cv(i); }},
    };
    const auto add = [&](std::string_view stem, std::string_view pattern, auto value) {
        for (std::size_t window = 0; window < feature_windows.size(); ++window) {
            table.push_back({fmt::format("{}_{}d", stem, feature_windows[window]), pattern, value, window});
        }
    };
    add("purchases", "purchases_{days}d",
        [](const F& f, std::size_t i, std::size_t w) { return static_cast<double>(f.windows[w].purchases[i]); });
    add("purchases_before", "purchases_before_{days}d",
        [](const F& f, std::size_t i, std::size_t w) { return static_cast<double>(f.windows[w].purchases_before[i]); });
    add("purchases_trend", "purchases_trend_{days}d", [](const F& f, std::size_t i, std::size_t w) {
        return knows_both(f, i, w) ? change(f.windows[w].purchases[i], f.windows[w].purchases_before[i]) : unknown;
    });
    add("revenue", "revenue_{days}d", [](const F& f, std::size_t i, std::size_t w) { return f.windows[w].revenue[i]; });
    add("revenue_before", "revenue_before_{days}d",
        [](const F& f, std::size_t i, std::size_t w) { return f.windows[w].revenue_before[i]; });
    add("revenue_trend", "revenue_trend_{days}d", [](const F& f, std::size_t i, std::size_t w) {
        return knows_both(f, i, w) ? change(f.windows[w].revenue[i], f.windows[w].revenue_before[i]) : unknown;
    });
    return table;
}

}  // namespace

std::uint32_t PurchaseFeatures::cohort(std::size_t customer) const noexcept {
    return static_cast<std::uint32_t>(month_number(first_day[customer]) - cohorts.first_month);
}

double PurchaseFeatures::gap_mean(std::size_t customer) const noexcept {
    return purchases[customer] < 2 ? unknown
                                   : days_between(first_day[customer], last_day[customer]) / (purchases[customer] - 1) /
                                         days_per(time_unit);
}

double PurchaseFeatures::gap_sd(std::size_t customer) const noexcept {
    const std::uint64_t gaps = purchases[customer] - 1;
    if (gaps < 2) {
        return unknown;
    }
    // n sum g^2 - (sum g)^2 is a whole number, so nothing cancels.
    const auto sum = static_cast<std::uint64_t>((last_day[customer] - first_day[customer]).count());
    const auto spread = static_cast<double>(gaps * gap_squares[customer] - sum * sum);
    return std::sqrt(spread / (static_cast<double>(gaps) * static_cast<double>(gaps - 1))) / days_per(time_unit);
}

double PurchaseFeatures::gap_cv(std::size_t customer) const noexcept {
    return gap_sd(customer) / gap_mean(customer);
}

std::span<const PurchaseFeature> purchase_features() {
    static const std::vector<PurchaseFeature> table = make_table();
    return table;
}

std::vector<std::string> cohort_names(const CohortTriangle& triangle) {
    std::vector<std::string> names;
    for (std::size_t cohort = 0; cohort < triangle.cohorts.size(); ++cohort) {
        const int month = triangle.first_month + static_cast<int>(cohort);
        names.push_back(fmt::format("{:04}-{:02}", month / 12, month % 12 + 1));
    }
    return names;
}

void PurchaseFeatureBuilder::begin(sys_days observation_end) {
    features_.snapshot = observation_end;
    cohorts_.emplace(observation_end);
}

void PurchaseFeatureBuilder::add(std::size_t customer, sys_days day, double revenue) {
    PurchaseFeatures& f = features_;
    if (customer == f.size()) {
        f.first_day.push_back(day);
        f.last_day.push_back(day);
        f.purchases.push_back(0);
        f.revenue.push_back(0.0);
        f.gap_squares.push_back(0);
        for (WindowActivity& window : f.windows) {
            window.purchases.push_back(0);
            window.purchases_before.push_back(0);
            window.revenue.push_back(0.0);
            window.revenue_before.push_back(0.0);
        }
        cohorts_->begin_customer(day, revenue);
    } else {
        cohorts_->add(day, revenue);
    }
    const auto gap = static_cast<std::uint64_t>((day - f.last_day[customer]).count());
    f.gap_squares[customer] += gap * gap;
    f.last_day[customer] = day;
    ++f.purchases[customer];
    add_revenue(customer, day, revenue);
    const int days_ago = static_cast<int>((f.snapshot - day).count());
    for (std::size_t w = 0; w < feature_windows.size(); ++w) {
        WindowActivity& window = f.windows[w];
        window.purchases[customer] += days_ago < feature_windows[w] ? 1 : 0;
        window.purchases_before[customer] +=
            days_ago >= feature_windows[w] && days_ago < 2 * feature_windows[w] ? 1 : 0;
    }
}

void PurchaseFeatureBuilder::add_refund(std::size_t customer, sys_days day, double revenue) {
    cohorts_->add_refund(day, revenue);
    add_revenue(customer, day, revenue);
}

void PurchaseFeatureBuilder::add_revenue(std::size_t customer, sys_days day, double revenue) {
    PurchaseFeatures& f = features_;
    f.revenue[customer] += revenue;
    const int days_ago = static_cast<int>((f.snapshot - day).count());
    for (std::size_t w = 0; w < feature_windows.size(); ++w) {
        WindowActivity& window = f.windows[w];
        window.revenue[customer] += days_ago < feature_windows[w] ? revenue : 0.0;
        window.revenue_before[customer] +=
            days_ago >= feature_windows[w] && days_ago < 2 * feature_windows[w] ? revenue : 0.0;
    }
}

PurchaseFeatures PurchaseFeatureBuilder::finish() && {
    if (cohorts_) {
        features_.cohorts = std::move(*cohorts_).finish();
    }
    return std::move(features_);
}

}  // namespace clv
