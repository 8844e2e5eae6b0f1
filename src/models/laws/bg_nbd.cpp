// BG/NBD (Fader, Hardie, Lee 2005) and MBG/NBD (Batislam, Denizel, Filiztekin 2007): the same but for the chance to
// drop out right after the first purchase.
#include <utility>

#include "purchase_likelihood.hpp"

namespace clv {
namespace {

/// `first`: chances to drop out before the first repeat purchase, 0 for BG/NBD and 1 for MBG/NBD.
Slope log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at, double first) {
    const auto [r, alpha, a, b] = at;
    Slope sum = nbd_log_likelihood(rows, at);
    const auto stay = [&, a = a](double weight, double other) {  // other / (a + other), the chance to stay
        sum.value -= weight * std::log1p(a / other);
        sum.gradient[2] -= weight / (a + other);
        sum.gradient[3] += weight * a / (other * (a + other));
    };
    double j = first;
    for (const double weight : rows.weight_above()) {
        stay(weight, b + j);
        j += 1.0;
    }
    if (first > 0.0) {
        double everybody = 0.0;
        for (const PurchaseRows::AtAge& each : rows.ages()) {
            everybody += each.weight;
        }
        stay(everybody, b);
    }
    // The odds of having dropped out, a / (b + chances - 1) ((alpha + T) / (alpha + t_x))^(r + x), from one logarithm
    // and one reciprocal per time.
    std::vector<std::pair<double, double>> of_time;
    of_time.reserve(rows.times().size());
    for (const double time : rows.times()) {
        of_time.emplace_back(std::log(alpha + time), 1.0 / (alpha + time));
    }
    double x = -1.0;
    double other = 0.0;
    double log_hazard = 0.0;
    double of_a = 0.0;
    double of_b = 0.0;
    for (std::size_t i = 0; i < rows.rows().size(); ++i) {
        const PurchaseRow& row = rows.rows()[i];
        if (row.x + first == 0.0) {
            continue;
        }
        if (row.x != x) {
            x = row.x;
            other = b + x + first - 1.0;
            log_hazard = std::log(a / other);
        }
        const auto& [log_then, rate_then] = of_time[rows.spans()[i].recency];
        const auto& [log_now, rate_now] = of_time[rows.spans()[i].age];
        const Softplus dropped(log_hazard + (r + x) * (log_now - log_then));
        sum.value += row.weight * dropped.value;
        const double slope = row.weight * dropped.slope;
        sum.gradient[0] += slope * (log_now - log_then);
        sum.gradient[1] += slope * (r + x) * (rate_now - rate_then);
        of_a += slope;
        of_b += slope / other;
    }
    sum.gradient[2] += of_a / a;
    sum.gradient[3] -= of_b;
    return sum;
}

}  // namespace

Slope bg_nbd_log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at) {
    return log_likelihood(rows, at, 0.0);
}
Slope mbg_nbd_log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at) {
    return log_likelihood(rows, at, 1.0);
}

}  // namespace clv
