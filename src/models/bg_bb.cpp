// BG/BB (Fader, Hardie, Shang 2010): x purchases in n periods, the last in period t_x.
#include <limits>

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

double bg_bb_log_odds(const PurchaseRow& row, const PurchaseParameters& at) {
    const auto [alpha, beta, gamma, delta] = at;
    // Dropped out before period t_x + i + 1: per i fewer misses and fewer survivals than alive at n; from the last i
    // down each term is the one before times the ratio of one miss and one survival.
    double log_term = std::log(gamma / (delta + row.age - 1.0));
    double sum = 0.0;
    double log_scale = 0.0;
    double misses = row.age - row.x;
    bool any = false;
    for (double period = row.age - 1.0; period >= row.recency; period -= 1.0) {
        misses -= 1.0;
        // one miss less: B(alpha + x, beta + misses) over that with misses + 1
        log_term += std::log1p((alpha + row.x) / (beta + misses));
        if (period < row.age - 1.0) {
            log_term += std::log1p((gamma + 1.0) / (delta + period));
        }
        if (!any || log_term > log_scale) {
            sum = any ? sum * std::exp(log_scale - log_term) : 0.0;
            log_scale = log_term;
            any = true;
        }
        sum += std::exp(log_term - log_scale);
    }
    return any ? log_scale + std::log(sum) : -std::numeric_limits<double>::infinity();
}

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
        sum += row.weight * (stayed + log_one_plus_exp(bg_bb_log_odds(row, at)));
    }
    return sum;
}

}  // namespace clv
