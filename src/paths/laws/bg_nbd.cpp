// BG/NBD (Fader, Hardie, Lee 2005): what a history says. Parameters r, alpha, a, b.
#include "posterior_law.hpp"

namespace clv {
namespace {

double bg_nbd_log_odds(const PurchaseParameters& parameters, double x, double t_x, double T,
                       PurchaseParameters* gradient) {
    return log_odds_after_purchase(parameters, x, t_x, T, x, gradient);
}

void bg_nbd_learn_dropout(PurchaseParameters& own, double x, double /*T*/, double factor,
                          PurchasePosterior& posterior) {
    own[2] *= factor;
    posterior.dropout_other = own[3] + x;
}

}  // namespace

constinit const PosteriorLaw bg_nbd_posterior{DropoutTime::after_purchase, false, bg_nbd_log_odds,
                                              bg_nbd_learn_dropout};

}  // namespace clv
