// MBG/NBD (Batislam, Denizel, Filiztekin 2007): BG/NBD with a chance to drop out right after the first purchase
// too.
#include "dropout_after_purchase.hpp"
#include "gamma_poisson.hpp"

namespace clv {
namespace {

Slope mbg_nbd_log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at) {
    return log_likelihood_after_purchase(rows, at, 1.0);
}

double mbg_nbd_count_probability(const PurchaseParameters& at, int n, double t) {
    return count_probability_after_purchase(at, n, t, 1);
}

std::vector<FourParameters> mbg_nbd_starts(const TypicalCustomer& customer, const FourParameters& plain) {
    return usual_starts(customer, plain, 1.0);
}

}  // namespace

constinit const PurchaseLawTraits mbg_nbd_law{
    .name = "mbg_nbd",
    .parameters = {"r", "alpha", "a", "b"},
    .with_dropout = {mbg_nbd_log_likelihood, expected_after_purchase, discounted_after_purchase,
                     mbg_nbd_count_probability},
    .without_dropout = gamma_poisson_forms,
    .starts_without_dropout = usual_starts_without_dropout,
    .starts = mbg_nbd_starts,
    .dropout_covariate = DropoutCovariate{2, 1.0},
};

}  // namespace clv
