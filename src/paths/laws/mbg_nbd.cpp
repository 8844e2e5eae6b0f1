// MBG/NBD (Batislam, Denizel, Filiztekin 2007): what a history says. Parameters r, alpha, a, b.
#include "posterior_law.hpp"

namespace clv {
namespace {

double mbg_nbd_log_odds(const PurchaseParameters& parameters, double x, double t_x, double T,
                        PurchaseParameters* gradient) {
    return log_odds_after_purchase(parameters, x, t_x, T, x + 1.0, gradient);
}

void mbg_nbd_learn_dropout(PurchaseParameters& own, double x, double /*T*/, double factor,
                           PurchasePosterior& posterior) {
    own[2] *= factor;
    posterior.dropout_other = own[3] + x + 1.0;
}

}  // namespace

constinit const PosteriorLaw mbg_nbd_posterior{DropoutTime::after_purchase, false, mbg_nbd_log_odds,
                                               mbg_nbd_learn_dropout};

}  // namespace clv
