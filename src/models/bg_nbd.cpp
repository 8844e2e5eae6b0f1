// BG/NBD (Fader, Hardie, Lee 2005) and MBG/NBD (Batislam, Denizel, Filiztekin 2007): the same but for the chance to
// drop out right after the first purchase.
#include "clv/paths/purchase_posterior.hpp"
#include "purchase_likelihood.hpp"

namespace clv {
namespace {

/// `first`: chances to drop out before the first repeat purchase, 0 for BG/NBD and 1 for MBG/NBD.
double log_likelihood(PurchaseLaw law, PurchaseRows rows, const PurchaseParameters& at, double first) {
    const auto [r, alpha, a, b] = at;
    const std::vector<double> ascending = log_ascending(rows, r);
    // B(a, b + first + x) / B(a, b)
    const std::vector<double> stayed = running_sum(rows, [&](double j) { return -std::log1p(a / (b + first + j)); });
    const double stayed_first = first > 0.0 ? -std::log1p(a / b) : 0.0;
    double sum = 0.0;
    for (const PurchaseRow& row : rows) {
        const auto x = static_cast<std::size_t>(row.x);
        sum += row.weight * (ascending[x] + stayed[x] + stayed_first + log_gamma_mixture(r, alpha, row.x, row.age) +
                             log_one_plus_exp(dropout_log_odds(law, at, row.x, row.recency, row.age)));
    }
    return sum;
}

}  // namespace

double bg_nbd_log_likelihood(PurchaseRows rows, const PurchaseParameters& at) {
    return log_likelihood(PurchaseLaw::bg_nbd, rows, at, 0.0);
}
double mbg_nbd_log_likelihood(PurchaseRows rows, const PurchaseParameters& at) {
    return log_likelihood(PurchaseLaw::mbg_nbd, rows, at, 1.0);
}

}  // namespace clv
