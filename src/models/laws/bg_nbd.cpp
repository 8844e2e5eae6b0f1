// BG/NBD (Fader, Hardie, Lee 2005): purchases as in NBD; after every repeat purchase a customer drops out with
// probability p ~ Beta(a, b).
#include <fmt/format.h>

#include "dropout_after_purchase.hpp"
#include "gamma_poisson.hpp"
namespace clv {
namespace {

Slope bg_nbd_log_likelihood(const PurchaseRows& rows, const PurchaseParameters& at) {
    return log_likelihood_after_purchase(rows, at, 0.0);
}

double bg_nbd_count_probability(const PurchaseParameters& at, int n, double t) {
    return count_probability_after_purchase(at, n, t, 0);
}

std::vector<FourParameters> bg_nbd_starts(const TypicalCustomer& customer, const FourParameters& plain) {
    return usual_starts(customer, plain, 1.0);
}

std::string bg_nbd_warning(std::span<const PurchaseRow> rows, double customers) {
    double once = 0.0;
    for (const PurchaseRow& row : rows) {
        once += row.x == 0.0 ? row.weight : 0.0;
    }
    return once > 0.5 * customers
               ? fmt::format(
                     "{:.0f}% of customers bought once, and bg_nbd takes all of them to be alive; mbg_nbd does "
                     "not",
                     100.0 * once / customers)
               : std::string();
}

}  // namespace

constinit const PurchaseLawTraits bg_nbd_law{
    .name = "bg_nbd",
    .parameters = {"r", "alpha", "a", "b"},
    .with_dropout = {bg_nbd_log_likelihood, expected_after_purchase, discounted_after_purchase,
                     bg_nbd_count_probability},
    .without_dropout = gamma_poisson_forms,
    .starts_without_dropout = usual_starts_without_dropout,
    .starts = bg_nbd_starts,
    .dropout_covariate = DropoutCovariate{2, 1.0},
    .warning = bg_nbd_warning,
};

}  // namespace clv
