#pragma once
// What the data leave open of a fitted model, and how simulations draw it.

#include "clv/models/purchase_fit.hpp"
#include "clv/models/spend_fit.hpp"

namespace clv {

/// Settles what `customers`, to whom the model was fitted, identify of it. Not identified is a quantity (how often
/// customers buy, whether they drop out, how much they differ in either, the effect of a covariate) of which they do
/// not exclude a limit, by the ratio of likelihoods or, above largest_log_sd, by curvature: then the status is
/// not_identified, and warnings name it. Where nobody dropping out is not excluded, that limit becomes the model. Where
/// the likelihood is not near that of a normal distribution, the fit gets draws from the likelihood. `threads`: 0 for
/// all; no result depends on them.
void identify(PurchaseFit& fit, const PurchaseSummary& customers, int threads = 0);
void identify(SpendFit& fit, const PurchaseSummary& customers, int threads = 0);

}  // namespace clv
