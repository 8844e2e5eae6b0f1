#include "purchase_likelihood.hpp"

namespace clv {

double nbd_log_likelihood(PurchaseRows rows, const PurchaseParameters& at) {
    const auto [r, alpha, unused_a, unused_b] = at;
    const std::vector<double> ascending = log_ascending(rows, r);
    double sum = 0.0;
    for (const PurchaseRow& row : rows) {
        sum += row.weight * (ascending[static_cast<std::size_t>(row.x)] + log_gamma_mixture(r, alpha, row.x, row.age));
    }
    return sum;
}

}  // namespace clv
