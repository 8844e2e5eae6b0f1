// BG/BB (Fader, Hardie, Shang 2010): x purchases in n periods, the last in period t_x.
#include "purchase_likelihood.hpp"

namespace clv {
namespace {

/// ln of a (a + 1) .. (a + n - 1)
struct Ascending {
    double value = 0.0;
    double slope = 0.0;
    Ascending(double a, double n) {
        for (double j = 0.0; j < n; j += 1.0) {
            value += std::log(a + j);
            slope += 1.0 / (a + j);
        }
    }
};

}  // namespace

Slope bb_log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at) {
    const auto [alpha, beta, unused_gamma, unused_delta] = at;
    Slope sum;
    for (const PurchaseRow& row : rows.rows()) {
        const Ascending bought(alpha, row.x);
        const Ascending missed(beta, row.age - row.x);
        const Ascending all(alpha + beta, row.age);
        sum.value += row.weight * (bought.value + missed.value - all.value);
        sum.gradient[0] += row.weight * (bought.slope - all.slope);
        sum.gradient[1] += row.weight * (missed.slope - all.slope);
    }
    return sum;
}

Slope bg_bb_log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at) {
    const auto [alpha, beta, gamma, delta] = at;
    Slope sum = bb_log_likelihood(rows, at);
    for (const PurchaseRows::AtAge& each : rows.ages()) {  // nobody dropped out before any of the periods
        const Ascending stayed(delta, each.age);
        const Ascending all(gamma + delta, each.age);
        sum.value += each.weight * (stayed.value - all.value);
        sum.gradient[2] -= each.weight * all.slope;
        sum.gradient[3] += each.weight * (stayed.slope - all.slope);
    }
    for (const PurchaseRow& row : rows.rows()) {
        PurchaseParameters slope{};
        const Softplus dropped(dropout_log_odds(PurchaseLaw::bg_bb, at, row.x, row.recency, row.age, &slope));
        sum.value += row.weight * dropped.value;
        for (std::size_t k = 0; k < 4; ++k) {
            sum.gradient[k] += row.weight * dropped.slope * slope[k];
        }
    }
    return sum;
}

}  // namespace clv
