// Pareto/NBD (Schmittlein, Morrison, Colombo 1987).
#include "purchase_likelihood.hpp"

namespace clv {

Slope pareto_nbd_log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at) {
    const auto [r, alpha, s, beta] = at;
    Slope sum = nbd_log_likelihood(rows, at);
    for (const PurchaseRows::AtAge& each : rows.ages()) {  // (beta / (beta + T))^s
        const double grown = std::log1p(each.age / beta);
        sum.value -= each.weight * s * grown;
        sum.gradient[2] -= each.weight * grown;
        sum.gradient[3] += each.weight * s * each.age / (beta * (beta + each.age));
    }
    for (const PurchaseRow& row : rows.rows()) {
        PurchaseParameters slope{};
        const Softplus dropped(dropout_log_odds(PurchaseLaw::pareto_nbd, at, row.x, row.recency, row.age, &slope));
        sum.value += row.weight * dropped.value;
        for (std::size_t k = 0; k < 4; ++k) {
            sum.gradient[k] += row.weight * dropped.slope * slope[k];
        }
    }
    return sum;
}

}  // namespace clv
