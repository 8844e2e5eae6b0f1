// Pareto/NBD (Schmittlein, Morrison, Colombo 1987). The usual difference of two hypergeometric functions loses digits
// and has two cases; here the integral behind it is summed as it stands:
//   P(data, dropped out) ~ s integral over u in (t_x, T) of (alpha + u)^-(r + x) (beta + u)^-(s + 1).
#include <algorithm>
#include <limits>

#include "purchase_likelihood.hpp"
#include "quadrature.hpp"

namespace clv {

double pareto_nbd_log_odds(const PurchaseRow& row, const PurchaseParameters& at) {
    const auto [r, alpha, s, beta] = at;
    const double span = row.age - row.recency;
    if (span <= 0.0) {
        return -std::numeric_limits<double>::infinity();
    }
    // Panels in v = ln(1 + (u - t_x) / offset), where the integrand over its first value falls like e^-power v at most.
    const double power = r + row.x;
    const double offset = std::min(alpha, beta) + row.recency;
    const double alpha_x = alpha + row.recency;
    const double beta_x = beta + row.recency;
    const double end = std::log1p(span / offset);
    const double width = std::min(end, 4.0 / (power + s + 1.0) + 0.05);
    double sum = 0.0;
    for (double left = 0.0; left < end; left += width) {
        const double length = std::min(width, end - left);
        double panel = 0.0;
        for (std::size_t k = 0; k < legendre_nodes.size(); ++k) {
            const double v = left + length * legendre_nodes[k];
            const double u = offset * std::expm1(v);
            panel += legendre_weights[k] *
                     std::exp(v - power * std::log1p(u / alpha_x) - (s + 1.0) * std::log1p(u / beta_x));
        }
        panel *= length;
        sum += panel;
        if (panel < 1.0e-17 * sum) {
            break;
        }
    }
    // over the value for alive, (alpha + T)^-power (beta + T)^-s
    return std::log(s * offset / beta_x * sum) + power * std::log1p(span / alpha_x) + s * std::log1p(span / beta_x);
}

double pareto_nbd_log_likelihood(PurchaseRows rows, const PurchaseParameters& at) {
    const auto [r, alpha, s, beta] = at;
    const std::vector<double> ascending = log_ascending(rows, r);
    double sum = 0.0;
    for (const PurchaseRow& row : rows) {
        sum += row.weight * (ascending[static_cast<std::size_t>(row.x)] + log_gamma_mixture(r, alpha, row.x, row.age) -
                             s * std::log1p(row.age / beta) + log_one_plus_exp(pareto_nbd_log_odds(row, at)));
    }
    return sum;
}

}  // namespace clv
