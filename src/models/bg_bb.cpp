// BG/BB (Fader, Hardie, Shang 2010): x purchases in n periods, the last in period t_x.
#include "clv/paths/purchase_posterior.hpp"
#include "purchase_likelihood.hpp"

namespace clv {
namespace {

/// ln of a (a + 1) .. (a + n - 1)
double ascending(double a, double n) {
    double sum = 0.0;
    for (double j = 0.0; j < n; j += 1.0) {
        sum += std::log(a + j);
    }
    return sum;
}

}  // namespace

double bb_log_likelihood(PurchaseRows rows, const PurchaseParameters& at) {
    const auto [alpha, beta, unused_gamma, unused_delta] = at;
    double sum = 0.0;
    for (const PurchaseRow& row : rows) {
        sum += row.weight *
               (ascending(alpha, row.x) + ascending(beta, row.age - row.x) - ascending(alpha + beta, row.age));
    }
    return sum;
}

double bg_bb_log_likelihood(PurchaseRows rows, const PurchaseParameters& at) {
    const auto [alpha, beta, gamma, delta] = at;
    double sum = bb_log_likelihood(rows, at);
    for (const PurchaseRow& row : rows) {
        double stayed = 0.0;
        for (double j = 0.0; j < row.age; j += 1.0) {
            stayed -= std::log1p(gamma / (delta + j));
        }
        sum += row.weight *
               (stayed + log_one_plus_exp(dropout_log_odds(PurchaseLaw::bg_bb, at, row.x, row.recency, row.age)));
    }
    return sum;
}

}  // namespace clv
