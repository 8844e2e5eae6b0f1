// BG/BB (Fader, Hardie, Shang 2010): what a history says. Parameters alpha, beta, gamma, delta; n periods for T.
#include "clv/random/elementary.hpp"
#include "posterior_law.hpp"

namespace clv {
namespace {

/// A sum over the opportunity before which it happened, from the last one back. From one to the next there is
/// one miss less, and one survival.
double bg_bb_log_odds(const PurchaseParameters& parameters, double x, double t_x, double n,
                      PurchaseParameters* gradient) {
    const auto [alpha, beta, gamma, delta] = parameters;
    PurchaseParameters of_term{0.0, 0.0, 1.0 / gamma, -1.0 / (delta + n - 1.0)};
    PurchaseParameters of_sum{};
    double log_term = elementary::log(gamma / (delta + n - 1.0));
    double log_scale = never_dropped;
    double sum = 0.0;  // in units of e^log_scale
    for (double m = n - 1.0; m >= t_x - 0.5; m -= 1.0) {
        log_term += elementary::log1p((alpha + x) / (beta + m - x));
        log_term += m < n - 1.5 ? elementary::log1p((gamma + 1.0) / (delta + m)) : 0.0;
        if (log_term > log_scale) {
            const double shrunk = elementary::exp(log_scale - log_term);
            sum *= shrunk;
            for (double& slope : of_sum) {
                slope *= shrunk;
            }
            log_scale = log_term;
        }
        const double term = elementary::exp(log_term - log_scale);
        sum += term;
        if (gradient != nullptr) {
            const double missed = 1.0 / (alpha + beta + m);
            of_term[0] += missed;
            of_term[1] += missed - 1.0 / (beta + m - x);
            if (m < n - 1.5) {
                const double stayed = 1.0 / (gamma + 1.0 + delta + m);
                of_term[2] += stayed;
                of_term[3] += stayed - 1.0 / (delta + m);
            }
            for (std::size_t k = 0; k < 4; ++k) {
                of_sum[k] += term * of_term[k];
            }
        }
    }
    if (gradient != nullptr) {
        for (std::size_t k = 0; k < 4; ++k) {
            (*gradient)[k] = sum > 0.0 ? of_sum[k] / sum : 0.0;
        }
    }
    return sum > 0.0 ? log_scale + elementary::log(sum) : never_dropped;
}

void bg_bb_learn_dropout(PurchaseParameters& own, double /*x*/, double T, double /*factor*/,
                         PurchasePosterior& posterior) {
    posterior.dropout_other = own[3] + T;
}

}  // namespace

constinit const PosteriorLaw bg_bb_posterior{DropoutTime::any_time, true, bg_bb_log_odds, bg_bb_learn_dropout};

}  // namespace clv
