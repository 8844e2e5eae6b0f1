#include "clv/models/kaplan_meier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/paths/subscription_columns.hpp"
#include "clv/random/elementary.hpp"
#include "clv/risk/wilson_interval.hpp"

namespace clv {
namespace {

double hazard_of_rate(double churned, double at_risk) {
    return churned == at_risk ? certain_churn_hazard : -elementary::log1p(-churned / at_risk);
}

struct Rate {
    double churned = 0.0;
    double at_risk = 0.0;
};

/// The counts that speak for a month, from 1.
Rate rate_of(const KaplanMeier& fit, std::size_t month) {
    Rate rate{static_cast<double>(fit.churned[month - 1]), fit.at_risk[month - 1]};
    if (fit.speaks_for_itself(month)) {
        return rate;
    }
    for (std::size_t next = month; next < fit.months(); ++next) {
        if (next - month + 1 >= tail_months && rate.churned < rate.at_risk) {
            break;
        }
        rate.churned += static_cast<double>(fit.churned[next]);
        rate.at_risk += fit.at_risk[next];
    }
    return rate;
}

}  // namespace

bool KaplanMeier::speaks_for_itself(std::size_t month) const {
    return static_cast<double>(churned[month - 1]) < at_risk[month - 1] || month == months();
}

double KaplanMeier::hazard(std::size_t month) const {
    if (month > months()) {
        return tail_hazard;
    }
    const Rate rate = rate_of(*this, month);
    return hazard_of_rate(rate.churned, rate.at_risk);
}

Estimate KaplanMeier::observed_hazard(std::size_t month) const {
    const double n = at_risk.at(month - 1);
    const auto d = static_cast<double>(churned[month - 1]);
    const ShareInterval interval = wilson_interval(d, n);
    const double share = d / n;
    return {"hazard",
            "probability",
            share,
            std::sqrt(share * (1.0 - share) / n),
            interval.low,
            interval.high,
            "share of those at risk, 95% interval of Wilson"};
}

KaplanMeier kaplan_meier_of(std::vector<double> at_risk, std::vector<std::uint64_t> churned) {
    for (std::size_t month = 0; month < at_risk.size(); ++month) {
        if ((at_risk[month] == 0.0 && month + 1 == at_risk.size()) ||
            static_cast<double>(churned.at(month)) > at_risk[month]) {
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
        const auto [d, n] = rate;
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

    double tail_at_risk = 0.0;
    double tail_churned = 0.0;
    for (std::size_t month = months - std::min(months, tail_months); month < months; ++month) {
        tail_at_risk += fit.at_risk[month];
        tail_churned += static_cast<double>(fit.churned[month]);
    }
    fit.tail_hazard = tail_at_risk > 0.0 ? hazard_of_rate(tail_churned, tail_at_risk) : 0.0;
    return fit;
}

namespace {

/// Lives as far as they were observed, from tenure to tenure: what begins, ends, and ends by leaving, each sorted.
class Lives {
  public:
    Lives(std::span<const double> tenure_months, std::span<const std::uint8_t> churned,
          std::span<const double> observed_from);

    [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
    /// Those that somebody lived in full, or left in.
    [[nodiscard]] std::size_t months() const {
        const double lived = ends_.empty() ? 0.0 : std::floor(ends_.back());
        return static_cast<std::size_t>(leavings_.empty() ? lived : std::max(lived, std::ceil(leavings_.back())));
    }
    /// Of a month, and how many left in it.
    [[nodiscard]] Rate month(std::size_t month, Leaving leaving) const;

  private:
    using Sorted = std::vector<double>;
    [[nodiscard]] static double count_from(const Sorted& tenures, double least) {
        return static_cast<double>(tenures.end() - std::ranges::lower_bound(tenures, least));
    }
    /// How much of a month, which ends at that tenure, lies before the tenures: all of it or a part.
    [[nodiscard]] static double months_before(const Sorted& tenures, double end) {
        double months = count_from(tenures, end);
        for (auto at = std::ranges::upper_bound(tenures, end - 1.0); at != tenures.end() && *at < end; ++at) {
            months += *at - (end - 1.0);
        }
        return months;
    }
    [[nodiscard]] double at_risk(double tenure) const {
        return count_from(ends_, tenure) - count_from(begins_, tenure);
    }

    Sorted begins_;  ///< those that began after the beginning
    Sorted ends_;
    Sorted leavings_;
};

Lives::Lives(std::span<const double> tenure_months, std::span<const std::uint8_t> churned,
             std::span<const double> observed_from) {
    double earliest = 1.0;  // when those left whose tenure is 0
    for (const double tenure : tenure_months) {
        earliest = tenure > 0.0 ? std::min(earliest, tenure) : earliest;
    }
    for (std::size_t i = 0; i < churned.size(); ++i) {
        const double begin = observed_from.empty() ? 0.0 : observed_from[i];
        const double end = churned[i] != 0 && tenure_months[i] == 0.0 ? earliest : tenure_months[i];
        if (end > begin) {
            ends_.push_back(end);
            if (begin > 0.0) {
                begins_.push_back(begin);
            }
            if (churned[i] != 0) {
                leavings_.push_back(end);
            }
        }
    }
    for (Sorted* tenures : {&begins_, &ends_, &leavings_}) {
        std::ranges::sort(*tenures);
    }
}

Rate Lives::month(std::size_t month, Leaving leaving) const {
    const auto end = static_cast<double>(month);
    const auto last = std::ranges::upper_bound(leavings_, end);
    auto next = std::ranges::upper_bound(leavings_, end - 1.0);
    if (next == last) {
        return {0.0,
                leaving == Leaving::any_time ? months_before(ends_, end) - months_before(begins_, end) : at_risk(end)};
    }
    const auto left = static_cast<double>(last - next);
    double kept = 1.0;
    double here = 0.0;
    for (bool is_first = true; next != last; is_first = false) {
        const auto those = std::ranges::equal_range(next, last, *next);
        here = at_risk(*next);
        kept *= 1.0 - static_cast<double>(those.size()) / here;
        next = those.end();
        if (is_first && next == last) {
            return {left, here};
        }
    }
    return {left, left / (1.0 - kept)};
}

}  // namespace

LifeCounts count_lives(std::span<const double> tenure_months, std::span<const std::uint8_t> churned,
                       std::span<const double> observed_from, Leaving leaving) {
    const bool is_delayed = !observed_from.empty();
    if (tenure_months.size() != churned.size() || (is_delayed && observed_from.size() != churned.size())) {
        throw InputError(fmt::format("{} tenures but {} churn marks (Kaplan-Meier): give one of each per customer",
                                     tenure_months.size(), churned.size()));
    }
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
    }
    const Lives lives(tenure_months, churned, observed_from);
    LifeCounts counts;
    counts.customers = lives.size();
    for (std::size_t month = 1; month <= lives.months(); ++month) {
        const Rate rate = lives.month(month, leaving);
        counts.at_risk.push_back(rate.at_risk);
        counts.churned.push_back(static_cast<std::uint64_t>(rate.churned));
    }
    // those with the longest tenures were at risk of nothing
    while (!counts.at_risk.empty() && counts.at_risk.back() == 0.0) {
        counts.at_risk.pop_back();
        counts.churned.pop_back();
    }
    return counts;
}

KaplanMeier fit_kaplan_meier(std::span<const double> tenure_months, std::span<const std::uint8_t> churned,
                             std::span<const double> observed_from, Leaving leaving) {
    LifeCounts counts = count_lives(tenure_months, churned, observed_from, leaving);
    KaplanMeier fit = kaplan_meier_of(std::move(counts.at_risk), std::move(counts.churned));
    fit.customers = counts.customers;
    return fit;
}

}  // namespace clv
