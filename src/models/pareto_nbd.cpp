// Pareto/NBD (Schmittlein, Morrison, Colombo 1987).
#include "clv/paths/purchase_posterior.hpp"
#include "purchase_likelihood.hpp"

namespace clv {

double pareto_nbd_log_likelihood(PurchaseRows rows, const PurchaseParameters& at) {
    const auto [r, alpha, s, beta] = at;
    const std::vector<double> ascending = log_ascending(rows, r);
    double sum = 0.0;
    for (const PurchaseRow& row : rows) {
        sum +=
            row.weight * (ascending[static_cast<std::size_t>(row.x)] + log_gamma_mixture(r, alpha, row.x, row.age) -
                          s * std::log1p(row.age / beta) +
                          log_one_plus_exp(dropout_log_odds(PurchaseLaw::pareto_nbd, at, row.x, row.recency, row.age)));
    }
    return sum;
}

}  // namespace clv
