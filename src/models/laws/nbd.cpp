// NBD (Ehrenberg 1959): purchases come as a gamma mixture of Poisson processes, for ever.
#include "gamma_poisson.hpp"

namespace clv {

constinit const PurchaseLawTraits nbd_law{
    .name = "nbd",
    .parameters = {"r", "alpha"},
    .with_dropout = gamma_poisson_forms,
    .without_dropout = gamma_poisson_forms,
    .starts_without_dropout = usual_starts_without_dropout,
    .starts = nullptr,
    .dropout_covariate = {},
};

}  // namespace clv
