#include "clv/core/instruction_clones.hpp"
#include "clv/random/elementary.hpp"
#include "posterior_law.hpp"

namespace clv {
namespace {

CLV_FMA_CLONES double after_purchase_log_odds(const PurchaseParameters& parameters, double x, double t_x, double T,
                                              double chances, PurchaseParameters* gradient) {
    const auto [r, alpha, a, b] = parameters;
    if (chances == 0.0) {
        return never_dropped;
    }
    const double grown = elementary::log1p((T - t_x) / (alpha + t_x));
    if (gradient != nullptr) {
        *gradient = {grown, (r + x) * (1.0 / (alpha + T) - 1.0 / (alpha + t_x)), 1.0 / a, -1.0 / (b + chances - 1.0)};
    }
    return elementary::log(a / (b + chances - 1.0)) + (r + x) * grown;
}

}  // namespace

double log_odds_after_purchase(const PurchaseParameters& parameters, double x, double t_x, double T, double chances,
                               PurchaseParameters* gradient) {
    return after_purchase_log_odds(parameters, x, t_x, T, chances, gradient);
}

}  // namespace clv
