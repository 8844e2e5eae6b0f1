#pragma once
// Which law do customers follow? Their histories often cannot tell, and laws that are as likely may expect other
// totals. The bands of a fit hold what comes if its law is theirs.
//
//   Definition   A rival is another law of the same kind of histories whose AIC is at most 4 above that of the fit: it
//                has support (Burnham and Anderson 2002, "Model Selection and Multimodel Inference", section 2.6). It
//                is named where its total of purchases, expected of these customers in as long again as they were seen
//                on average, is off by more than law_matters. Laws of opportunities have none among those of days.
//
//   Limits       Beyond 3,000 customers a share of them, taken by the hash of their ids, stands for all: a fit of
//                Pareto/NBD to all would take ten times as long as one of BG/NBD.

#include <string>
#include <vector>

#include "clv/models/purchase_fit.hpp"

namespace clv {

inline constexpr double law_matters = 0.05;

struct RivalLaw {
    PurchaseLaw law{};
    double log_likelihood_gain = 0.0;  ///< over the fit's, for all customers
    double total_ratio = 1.0;          ///< its expected total over the fit's
};

/// Of a fit without covariates; nothing where it has some. The most likely first.
[[nodiscard]] std::vector<RivalLaw> rival_laws(const PurchaseFit& fit, const PurchaseSummary& customers);

/// The same as a sentence; empty: there are none.
[[nodiscard]] std::string said_of_rivals(const PurchaseFit& fit, const PurchaseSummary& customers);

}  // namespace clv
