#include "clv/models/kaplan_meier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/paths/subscription_columns.hpp"
#include "clv/random/elementary.hpp"

namespace clv {
namespace {

constexpr double normal_97_5 = 1.959963984540054;

double hazard_of_rate(std::uint64_t churned, std::uint64_t at_risk) {
    if (churned == at_risk) {
        return certain_churn_hazard;
    }
    return -elementary::log1p(-static_cast<double>(churned) / static_cast<double>(at_risk));
}

/// Last month in which the customer was at risk; 0 if in none.
std::size_t last_month_at_risk(double tenure_months, bool churned) {
    const double months = churned ? std::max(1.0, std::ceil(tenure_months)) : std::floor(tenure_months);
    return static_cast<std::size_t>(months);
}

struct Rate {
    std::uint64_t churned = 0;
    std::uint64_t at_risk = 0;
};

/// The counts that speak for a month, from 1.
Rate rate_of(const KaplanMeier& fit, std::size_t month) {
    Rate rate{fit.churned[month - 1], fit.at_risk[month - 1]};
    if (fit.speaks_for_itself(month)) {
        return rate;
    }
    for (std::size_t next = month; next < fit.months(); ++next) {
        if (next - month + 1 >= tail_months && rate.churned < rate.at_risk) {
            break;
        }
        rate.churned += fit.churned[next];
        rate.at_risk += fit.at_risk[next];
    }
    return rate;
}

}  // namespace

bool KaplanMeier::speaks_for_itself(std::size_t month) const {
    return churned[month - 1] < at_risk[month - 1] || month == months();
}

double KaplanMeier::hazard(std::size_t month) const {
    if (month > months()) {
        return tail_hazard;
    }
    const Rate rate = rate_of(*this, month);
    return hazard_of_rate(rate.churned, rate.at_risk);
}

Estimate KaplanMeier::observed_hazard(std::size_t month) const {
    const auto n = static_cast<double>(at_risk.at(month - 1));
    const auto d = static_cast<double>(churned[month - 1]);
    constexpr double z_squared = normal_97_5 * normal_97_5;
    const double middle = (d + z_squared / 2.0) / (n + z_squared);
    const double half_width = normal_97_5 * std::sqrt(d * (n - d) / n + z_squared / 4.0) / (n + z_squared);
    const double share = d / n;
    return {"hazard",
            "probability",
            share,
            std::sqrt(share * (1.0 - share) / n),
            d == 0.0 && n > 0.0 ? 0.0 : middle - half_width,
            d == n && n > 0.0 ? 1.0 : middle + half_width,
            "share of those at risk, 95% interval of Wilson"};
}

KaplanMeier kaplan_meier_of(std::vector<std::uint64_t> at_risk, std::vector<std::uint64_t> churned) {
    for (std::size_t month = 0; month < at_risk.size(); ++month) {
        if ((at_risk[month] == 0 && month + 1 == at_risk.size()) || churned.at(month) > at_risk[month]) {
            throw InputError(fmt::format(
                "{} of {} customers churned (Kaplan-Meier, month {}): leave out the last months if they have no "
                "customers, and count nobody twice",
                churned[month], at_risk[month], month + 1));
        }
    }
    KaplanMeier fit;
    fit.at_risk = std::move(at_risk);
    fit.churned = std::move(churned);
    const std::size_t months = fit.months();
    constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
    double survival = 1.0;
    double log_survival_variance = 0.0;
    for (std::size_t month = 0; month < months; ++month) {
        const Rate rate = rate_of(fit, month + 1);
        const auto n = static_cast<double>(rate.at_risk);
        const auto d = static_cast<double>(rate.churned);
        survival *= (n - d) / n;
        log_survival_variance += d < n ? d / (n * (n - d)) : 0.0;
        fit.survival.push_back(survival);
        if (survival == 0.0 || survival == 1.0) {
            const double limit = survival == 0.0 ? undefined : 1.0;
            fit.standard_error.push_back(survival == 0.0 ? undefined : 0.0);
            fit.low.push_back(limit);
            fit.high.push_back(limit);
            continue;
        }
        const double log_survival_se = std::sqrt(log_survival_variance);
        const double log_survival = elementary::log(survival);
        const double spread = elementary::exp(normal_97_5 * log_survival_se / -log_survival);
        fit.standard_error.push_back(survival * log_survival_se);
        fit.low.push_back(elementary::exp(log_survival * spread));
        fit.high.push_back(elementary::exp(log_survival / spread));
    }

    std::uint64_t tail_at_risk = 0;
    std::uint64_t tail_churned = 0;
    for (std::size_t month = months - std::min(months, tail_months); month < months; ++month) {
        tail_at_risk += fit.at_risk[month];
        tail_churned += fit.churned[month];
    }
    fit.tail_hazard = tail_at_risk > 0 ? hazard_of_rate(tail_churned, tail_at_risk) : 0.0;
    return fit;
}

KaplanMeier fit_kaplan_meier(std::span<const double> tenure_months, std::span<const std::uint8_t> churned,
                             std::span<const double> observed_from) {
    const bool is_delayed = !observed_from.empty();
    if (tenure_months.size() != churned.size() || (is_delayed && observed_from.size() != churned.size())) {
        throw InputError(fmt::format("{} tenures but {} churn marks (Kaplan-Meier): give one of each per customer",
                                     tenure_months.size(), churned.size()));
    }
    std::size_t months = 0;
    for (std::size_t i = 0; i < churned.size(); ++i) {
        if (!(tenure_months[i] >= 0.0 && tenure_months[i] <= longest_tenure_months)) {
            throw InputError(fmt::format("tenure_months is {} (customer {} of {}): give months between 0 and {}",
                                         tenure_months[i], i + 1, churned.size(), longest_tenure_months));
        }
        if (is_delayed && !(observed_from[i] >= 0.0 && observed_from[i] <= tenure_months[i])) {
            throw InputError(
                fmt::format("observed_from_months is {} (customer {} of {}): give a tenure from 0 to the "
                            "customer's own, {}",
                            observed_from[i], i + 1, churned.size(), tenure_months[i]));
        }
        months = std::max(months, last_month_at_risk(tenure_months[i], churned[i] != 0));
    }

    std::vector<std::uint64_t> at_risk(months, 0);
    std::vector<std::uint64_t> entering(months + 1, 0);  // at risk from month [m] + 1 on, and not before
    std::vector<std::uint64_t> left(months, 0);
    std::uint64_t customers = 0;
    for (std::size_t i = 0; i < churned.size(); ++i) {
        const std::size_t last = last_month_at_risk(tenure_months[i], churned[i] != 0);
        const std::size_t before = is_delayed ? static_cast<std::size_t>(std::ceil(observed_from[i])) : 0;
        if (last > before) {
            customers += 1;
            at_risk[last - 1] += 1;
            entering[before] += 1;
            left[last - 1] += churned[i] != 0 ? 1 : 0;
        }
    }
    std::uint64_t here = 0;
    for (std::size_t month = 0; month < months; ++month) {
        here += entering[month];
        const std::uint64_t leaving = at_risk[month];
        at_risk[month] = here;
        here -= leaving;
    }
    while (!at_risk.empty() && at_risk.back() == 0) {  // those with the longest tenures were at risk of nothing
        at_risk.pop_back();
        left.pop_back();
    }
    KaplanMeier fit = kaplan_meier_of(std::move(at_risk), std::move(left));
    fit.customers = customers;
    return fit;
}

}  // namespace clv
