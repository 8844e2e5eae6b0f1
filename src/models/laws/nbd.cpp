// NBD (Ehrenberg 1959), which is also what the other laws in continuous time say of customers while they are alive.
#include "purchase_likelihood.hpp"

namespace clv {

Slope nbd_log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at) {
    const auto [r, alpha, unused_a, unused_b] = at;
    Slope sum;
    double j = 0.0;
    for (const double weight : rows.weight_above()) {  // r (r + 1) .. (r + x - 1)
        sum.value += weight * std::log(r + j);
        sum.gradient[0] += weight / (r + j);
        j += 1.0;
    }
    for (const PurchaseRows::AtAge& each : rows.ages()) {  // alpha^r (alpha + T)^-(r + x)
        const double grown = std::log1p(each.age / alpha);
        sum.value -= r * each.weight * grown + each.purchases * std::log(alpha + each.age);
        sum.gradient[0] -= each.weight * grown;
        sum.gradient[1] += (r * each.weight * each.age / alpha - each.purchases) / (alpha + each.age);
    }
    return sum;
}

}  // namespace clv
