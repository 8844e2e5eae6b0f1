#include "clv/models/observed_churn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "clv/random/elementary.hpp"

namespace clv {
namespace {

/// The tenures of a segment, in periods.
struct Tenures {
    std::vector<double> tenure;
    std::vector<std::uint8_t> churned;
    std::vector<double> observed_from;  ///< empty: from the beginning
};

constexpr double false_alarm_z = 3.29;    // one-sided, .0005
constexpr double false_alarm_log = -7.6;  // ln .0005
constexpr double notable_growth = 0.10;   // a year
constexpr double least_weighted_survival = 0.25;
constexpr std::size_t fewest_customers = 30;

constexpr const char* remedy =
    "if those are missing who left before observation began, give the tenure at which it began in "
    "observed_from_months (0: from the start)";

/// Mean of u in (0, length) with density in proportion to exp(-growth u).
double mean_age(double growth, double length) {
    const double x = growth * length;
    return std::abs(x) < 1.0e-6 ? length * (0.5 - x / 12.0) : 1.0 / growth - length / elementary::expm1(x);
}

/// The growth at which mean_age() is `mean`.
double growth_of(double mean, double length) {
    double low = -20.0 / length;
    double high = 20.0 / length;
    for (int halving = 0; halving < 60; ++halving) {
        const double middle = 0.5 * (low + high);
        (mean_age(middle, length) > mean ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

/// Periods before the first churn, where more should have left in them if the rate were that of the later ones: by
/// chance alone nobody would with a probability below .0005.
std::optional<std::string> nobody_left_early(const KaplanMeier& estimate, int period_months) {
    double before = 0.0;
    double after = 0.0;
    double churned = 0.0;
    std::size_t quiet = 0;
    for (std::size_t period = 0; period < estimate.months(); ++period) {
        churned += static_cast<double>(estimate.churned[period]);
        (churned > 0.0 ? after : before) += estimate.at_risk[period];
        quiet += churned > 0.0 ? 0 : 1;
    }
    if (quiet == 0 || churned == 0.0 || churned >= after) {
        return std::nullopt;
    }
    const double log_chance = before * elementary::log1p(-churned / after);
    if (log_chance > false_alarm_log) {
        return std::nullopt;
    }
    return fmt::format(
        "nobody left in the first {} months of life, where {:.0f} would have at the rate of the later ones",
        quiet * static_cast<std::size_t>(period_months), before * churned / after);
}

std::optional<std::string> grew_too_fast(const KaplanMeier& estimate, const Tenures& of, int period_months) {
    const ImpliedGrowth growth = implied_growth(estimate.survival, of.tenure, of.churned, period_months);
    if (growth.z < false_alarm_z || growth.yearly < notable_growth) {
        return std::nullopt;
    }
    return fmt::format("if all who ever were customers are in the file, new ones have grown by {:.0f}% a year",
                       100.0 * growth.yearly);
}

void warn(ObservedChurn& of_segment, const Tenures& tenures, int period_months) {
    if (!tenures.observed_from.empty()) {
        std::size_t silent = 0;
        for (std::size_t period = 1; period <= of_segment.estimate.months(); ++period) {
            silent += of_segment.estimate.speaks_for_itself(period) ? 0 : 1;
        }
        if (silent > 0) {
            of_segment.warnings.push_back(fmt::format(
                "segment {}: in {} of {} periods of life nobody was at risk, or everybody left and others came later: "
                "their hazard is that of the {} periods that follow",
                of_segment.segment, silent, of_segment.estimate.months(), tail_months));
        }
        return;
    }
    for (const std::optional<std::string>& finding : {nobody_left_early(of_segment.estimate, period_months),
                                                      grew_too_fast(of_segment.estimate, tenures, period_months)}) {
        if (finding) {
            of_segment.warnings.push_back(fmt::format("segment {} ({} customers): {}; {}", of_segment.segment,
                                                      of_segment.customers, *finding, remedy));
            return;
        }
    }
}

}  // namespace

ImpliedGrowth implied_growth(const std::vector<double>& survival, const std::vector<double>& tenures,
                             const std::vector<std::uint8_t>& churned, int period_months) {
    double oldest = 0.0;
    for (std::size_t i = 0; i < tenures.size(); ++i) {
        oldest = churned[i] != 0 ? oldest : std::max(oldest, std::floor(tenures[i]));
    }
    std::size_t length = 0;
    while (length < survival.size() && static_cast<double>(length) < oldest &&
           survival[length] >= least_weighted_survival) {
        ++length;
    }
    if (length < 2) {
        return {};
    }
    std::vector<std::uint64_t> still_there(length, 0);
    std::uint64_t customers = 0;
    for (std::size_t i = 0; i < tenures.size(); ++i) {
        if (churned[i] == 0 && tenures[i] < static_cast<double>(length)) {
            still_there[static_cast<std::size_t>(tenures[i])] += 1;
            ++customers;
        }
    }
    if (customers < fewest_customers) {
        return {};
    }
    const auto weight = [&](std::size_t period) { return period == 0 ? 1.0 : 1.0 / survival[period - 1]; };
    const auto age = [](std::size_t period) { return static_cast<double>(period) + 0.5; };
    double joined = 0.0;
    double ages = 0.0;
    for (std::size_t period = 0; period < length; ++period) {
        joined += static_cast<double>(still_there[period]) * weight(period);
        ages += static_cast<double>(still_there[period]) * weight(period) * age(period);
    }
    const double mean = ages / joined;
    double variance = 0.0;
    for (std::size_t period = 0; period < length; ++period) {
        const double part = (age(period) - mean) * weight(period);
        variance += static_cast<double>(still_there[period]) * part * part;
    }
    const double se = std::sqrt(variance) / joined;
    if (!(se > 0.0)) {
        return {};
    }
    const double span = static_cast<double>(length);
    const double a_year = 12.0 / period_months;
    return {elementary::expm1(std::min(5.0, growth_of(mean, span) * a_year)), (0.5 * span - mean) / se};
}

std::vector<ObservedChurn> observe_churn(const CustomerTable& customers, int period_months, bool churns_at_renewals) {
    const std::size_t segments = customers.segment.empty() ? 1 : customers.segments.size();
    const bool is_delayed = !customers.observed_from_months.empty();
    std::vector<Tenures> tenures(segments);
    for (std::size_t i = 0; i < customers.size(); ++i) {
        Tenures& of = tenures[customers.segment.empty() ? 0 : customers.segment[i]];
        of.tenure.push_back(customers.tenure_months[i] / period_months);
        of.churned.push_back(customers.churned[i]);
        if (is_delayed) {
            const double from = customers.observed_from_months[i] / period_months;
            of.observed_from.push_back(churns_at_renewals ? std::floor(from) : from);
        }
    }
    std::vector<ObservedChurn> observed;
    for (std::size_t segment = 0; segment < segments; ++segment) {
        const Tenures& of = tenures[segment];
        ObservedChurn of_segment;
        of_segment.segment = customers.segment.empty() ? std::string("all") : customers.segments[segment];
        of_segment.customers = of.tenure.size();
        of_segment.estimate = fit_kaplan_meier(of.tenure, of.churned, of.observed_from,
                                               churns_at_renewals ? Leaving::period_ends : Leaving::any_time);
        warn(of_segment, of, period_months);
        observed.push_back(std::move(of_segment));
    }
    return observed;
}

}  // namespace clv
