#pragma once
// Log-likelihoods of the purchase laws, summed over weighted rows in their order. Internal to the models.

#include <cmath>
#include <span>
#include <vector>

#include "clv/paths/retail_columns.hpp"

namespace clv {

struct PurchaseRow {
    double x;
    double recency;
    double age;
    double weight;
};
using PurchaseRows = std::span<const PurchaseRow>;

[[nodiscard]] double bg_nbd_log_likelihood(PurchaseRows rows, const PurchaseParameters& at);
[[nodiscard]] double mbg_nbd_log_likelihood(PurchaseRows rows, const PurchaseParameters& at);
[[nodiscard]] double pareto_nbd_log_likelihood(PurchaseRows rows, const PurchaseParameters& at);
[[nodiscard]] double bg_bb_log_likelihood(PurchaseRows rows, const PurchaseParameters& at);
[[nodiscard]] double nbd_log_likelihood(PurchaseRows rows, const PurchaseParameters& at);
/// bg_bb without dropout: beta-binomial.
[[nodiscard]] double bb_log_likelihood(PurchaseRows rows, const PurchaseParameters& at);

/// ln(1 + e^z)
[[nodiscard]] inline double log_one_plus_exp(double z) {
    return z > 0.0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z));
}

/// [n]: the sum of term(0), .., term(n - 1), up to the largest x of the rows.
template <class Term>
[[nodiscard]] std::vector<double> running_sum(PurchaseRows rows, Term term) {
    double most = 0.0;
    for (const PurchaseRow& row : rows) {
        most = row.x > most ? row.x : most;
    }
    std::vector<double> sums(static_cast<std::size_t>(most) + 1, 0.0);
    for (std::size_t n = 1; n < sums.size(); ++n) {
        sums[n] = sums[n - 1] + term(static_cast<double>(n - 1));
    }
    return sums;
}

/// ln of the ascending factorial r (r + 1) .. (r + n - 1) for all n.
[[nodiscard]] inline std::vector<double> log_ascending(PurchaseRows rows, double r) {
    return running_sum(rows, [r](double j) { return std::log(r + j); });
}

/// ln of alpha^r (alpha + t)^-(r + x)
[[nodiscard]] inline double log_gamma_mixture(double r, double alpha, double x, double t) {
    return -r * std::log1p(t / alpha) - x * std::log(alpha + t);
}

}  // namespace clv
