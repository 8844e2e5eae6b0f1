#include "clv/models/rival_laws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "clv/core/progress.hpp"

namespace clv {

namespace {

constexpr std::size_t most_customers = 3'000;

/// What of the customers is compared: histories alone, of all or of a share.
struct Compared {
    PurchaseSummary customers;
    double share = 1.0;
    double age = 0.0;  ///< mean, time units
};

Compared compared(const PurchaseSummary& all) {
    Compared some;
    some.customers.time_unit = all.time_unit;
    const std::size_t step = all.id_hash.size() == all.size() ? (all.size() + most_customers - 1) / most_customers : 1;
    double weight = 0.0;
    double kept = 0.0;
    for (std::size_t i = 0; i < all.frequency.size(); ++i) {
        const double stands_for = all.weight.empty() ? 1.0 : all.weight[i];
        weight += stands_for;
        if (step > 1 && all.id_hash[i] % step != 0) {
            continue;
        }
        kept += stands_for;
        some.customers.frequency.push_back(all.frequency[i]);
        some.customers.recency.push_back(all.recency[i]);
        some.customers.age.push_back(all.age[i]);
        some.customers.weight.push_back(stands_for);
        some.age += stands_for * all.age[i];
    }
    some.share = kept / weight;
    some.age /= kept;
    return some;
}

double log_likelihood(const PurchaseModel& model, const PurchaseSummary& customers) {
    double sum = 0.0;
    for (std::size_t i = 0; i < customers.frequency.size(); ++i) {
        sum +=
            customers.weight[i] * model.log_likelihood(customers.frequency[i], customers.recency[i], customers.age[i]);
    }
    return sum;
}

double expected_total(const PurchaseModel& model, const PurchaseSummary& customers, double ahead) {
    double sum = 0.0;
    for (std::size_t i = 0; i < customers.frequency.size(); ++i) {
        throw_if_interrupted();
        sum += customers.weight[i] *
               model.conditional_expectation(customers.frequency[i], customers.recency[i], customers.age[i], ahead);
    }
    return sum;
}

}  // namespace

std::vector<RivalLaw> rival_laws(const PurchaseFit& fit, const PurchaseSummary& customers) {
    constexpr double supported = 4.0;
    std::vector<RivalLaw> rivals;
    if (fit.covariates.size() > 0) {
        return rivals;
    }
    const Compared some = compared(customers);
    if (!(some.age > 0.0)) {
        return rivals;
    }
    const double own = log_likelihood(fit.model, some.customers);
    double own_total = 0.0;  // once there is a law with support
    for (const PurchaseLaw law : purchase_laws) {
        if (law == fit.model.law || history_time(law) != history_time(fit.model.law)) {
            continue;
        }
        const PurchaseFit other = fit_purchases(some.customers, law);
        const double gain = (other.log_likelihood - own) / some.share;
        const double more_parameters =
            static_cast<double>(parameter_count(law)) - static_cast<double>(parameter_count(fit.model.law));
        if (!std::isfinite(gain) || 2.0 * (more_parameters - gain) > supported) {
            continue;
        }
        if (own_total == 0.0) {
            own_total = expected_total(fit.model, some.customers, some.age);
        }
        const double ratio = expected_total(other.model, some.customers, some.age) / own_total;
        if (std::abs(std::log(ratio)) > law_matters) {
            rivals.push_back({law, gain, ratio});
        }
    }
    std::ranges::sort(rivals, std::ranges::greater(), &RivalLaw::log_likelihood_gain);
    return rivals;
}

std::string said_of_rivals(const PurchaseFit& fit, const PurchaseSummary& customers) {
    std::string all;
    for (const RivalLaw& rival : rival_laws(fit, customers)) {
        const double percent = 100.0 * (rival.total_ratio - 1.0);
        all += fmt::format("{}{} {:.0f}% {} (log-likelihood {:+.1f})", all.empty() ? "" : ", ", law_name(rival.law),
                           std::abs(percent), percent < 0.0 ? "fewer" : "more", rival.log_likelihood_gain);
    }
    if (!all.empty()) {
        all = fmt::format(
            "other laws are about as likely for these customers, or more so, and expect other totals in as long again: "
            "{}. Bands hold what comes if {} is the customers' law; compare with fit.model, and with purchases held "
            "out",
            all, law_name(fit.model.law));
    }
    return all;
}

}  // namespace clv
