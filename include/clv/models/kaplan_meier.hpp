#pragma once
// Kaplan and Meier's product-limit estimate of survival from tenures of which some are still running.
//
// Month m is the interval (m-1, m] of a customer's life; tenure 0 with churn counts as the first tenure above 0, or
// month 1. At risk of leaving at tenure t are those whose tenure is t or more: a month's part of the product is that of
// the tenures in it at which somebody left, and n of n - d / n = that part is the month's number at risk. It is the
// plain number where tenures are whole months. A month without churn has the customers that were observed in it, each
// for the part of it that they were; renewals, which come at the end of a period, count who was there at the end.
// Assumes that customers still there are as prone to churn as the others.
//
// Delayed entry: who is observed from tenure e on, and would not be in the data had he left before, is at risk of
// leaving at tenures above e (Lynden-Bell 1971; Tsai, Jewell and Wang 1987). Risk sets may then be empty, or lose
// everybody, in months that others entered after. Such a month cannot speak for itself: its rate is that of itself and
// the tail_months - 1 months after it, or as many more as it takes to have somebody at risk and some who stayed.
// Greenwood's sum takes that rate as independent of the others.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clv/core/estimate.hpp"

namespace clv {

/// A thousand years: a longer tenure is a mistake.
inline constexpr double longest_tenure_months = 12'000.0;

/// Months over which the event rate beyond the data is taken.
inline constexpr std::size_t tail_months = 12;

/// One entry per observed month, [0] is month 1; empty if nobody was at risk of anything.
struct KaplanMeier {
    std::vector<double> at_risk;  ///< 0 only where later months have somebody
    std::vector<std::uint64_t> churned;
    std::vector<double> survival;        ///< P(still a customer after the month)
    std::vector<double> standard_error;  ///< Greenwood's; NaN where survival is 0
    std::vector<double> low;             ///< 95% limits on the scale of log(-log(survival)); NaN where survival is 0,
    std::vector<double> high;            ///< and 1 where nobody has churned yet
    double tail_hazard = 0.0;  ///< a month, beyond the data: -ln(1 - churned / at risk) of the last tail_months months

    std::uint64_t customers = 0;  ///< at risk in some month

    [[nodiscard]] std::size_t months() const noexcept { return at_risk.size(); }
    /// -ln(1 - churned / at risk) of month 1, 2, ..; the tail hazard beyond the data.
    [[nodiscard]] double hazard(std::size_t month) const;
    /// Whether the month's own counts are its rate.
    [[nodiscard]] bool speaks_for_itself(std::size_t month) const;
    /// h = churned / at risk of an observed month, 1 to months(): the hazard in discrete time. Its standard error is
    /// that of a binomial share, sqrt(h (1 - h) / at risk), the month's part of Greenwood's; 0 where nobody or
    /// everybody left, all NaN where nobody was at risk. The interval is Wilson's (1927), which holds what it promises
    /// also where few are at risk or few leave (Brown, Cai and DasGupta 2001), and needs no more than a square root.
    [[nodiscard]] Estimate observed_hazard(std::size_t month) const;
};

/// From the counts of every month; at_risk does not end in 0. Throws InputError if more churned than were at risk.
[[nodiscard]] KaplanMeier kaplan_meier_of(std::vector<double> at_risk, std::vector<std::uint64_t> churned);

/// When customers leave: at any time, or at the ends of periods alone.
enum class Leaving { any_time, period_ends };

/// At risk and left, by month; [0] is month 1.
struct LifeCounts {
    std::vector<double> at_risk;  ///< does not end in 0
    std::vector<std::uint64_t> churned;
    std::uint64_t customers = 0;  ///< at risk in some month
};

/// What fit_kaplan_meier() estimates from.
[[nodiscard]] LifeCounts count_lives(std::span<const double> tenure_months, std::span<const std::uint8_t> churned,
                                     std::span<const double> observed_from = {}, Leaving leaving = Leaving::any_time);

/// `tenure_months`, `churned` (0 or 1) and `observed_from`, the tenure at which observation began, have one entry per
/// customer; the last may be empty: everybody was observed from the beginning. The order of customers does not matter.
/// Throws InputError if the lengths differ, a tenure is negative, not finite or above a thousand years, or observation
/// begins after it.
[[nodiscard]] KaplanMeier fit_kaplan_meier(std::span<const double> tenure_months, std::span<const std::uint8_t> churned,
                                           std::span<const double> observed_from = {},
                                           Leaving leaving = Leaving::any_time);

}  // namespace clv
