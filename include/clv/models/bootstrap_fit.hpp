#pragma once
// Uncertainty of fitted models by the bootstrap: customers drawn anew with replacement, models fitted to them again.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "clv/models/covariate_fit.hpp"
#include "clv/models/spend_fit.hpp"

namespace clv {

/// Models of one bootstrap sample.
struct ModelDraw {
    PurchaseDraw purchase;
    SpendParameters spend{};  ///< 0 where there is no spend model
};

/// `count` samples of as many customers as the summary stands for, each with the same customers for both models. Fits
/// begin at the optimum on all customers (`purchase`, `spend`; the latter may be null), and are made in full where that
/// does not end near it. Customers are drawn by Philox from their rows in ascending order, so that neither the order of
/// customers nor `threads` (0: all) matters. Throws as fit_purchases() and fit_spend().
[[nodiscard]] std::vector<ModelDraw> fit_bootstrap(const PurchaseSummary& customers, const PurchaseFit& purchase,
                                                   const SpendFit* spend, std::size_t count, std::uint64_t seed,
                                                   int threads = 0);

}  // namespace clv
