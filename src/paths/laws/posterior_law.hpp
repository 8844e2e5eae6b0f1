#pragma once
// What one purchase law says of one customer's history; the law's file fills it in. By elementary operations alone, so
// that paths start from the same bits with every compiler and library. Internal to the paths.

#include <limits>

#include "clv/paths/purchase_posterior.hpp"
#include "clv/paths/retail.hpp"

namespace clv {

/// Log-odds of having dropped out where there has been no chance to.
inline constexpr double never_dropped = -std::numeric_limits<double>::infinity();

struct PosteriorLaw {
    DropoutTime dropout_time = DropoutTime::never;
    bool has_opportunities = false;
    /// See dropout_log_odds(); null where nobody drops out.
    double (*log_odds)(const PurchaseParameters& parameters, double x, double t_x, double T,
                       PurchaseParameters* gradient) = nullptr;
    /// Moves `own` by the customer's factor on dropout, and fills in dropout_other or dropout_scale; dropout_shape is
    /// then own[2]. Null where nobody drops out.
    void (*learn_dropout)(PurchaseParameters& own, double x, double T, double factor,
                          PurchasePosterior& posterior) = nullptr;
};

#define CLV_DECLARE(law) extern const PosteriorLaw law##_posterior;
CLV_PURCHASE_LAWS(CLV_DECLARE)
#undef CLV_DECLARE

/// Of BG/NBD, and of MBG/NBD with a chance to drop out after the first purchase: `chances` of them so far. The odds are
/// a / (b + chances - 1) ((alpha + T) / (alpha + t_x))^(r + x).
[[nodiscard]] double log_odds_after_purchase(const PurchaseParameters& parameters, double x, double t_x, double T,
                                             double chances, PurchaseParameters* gradient);

}  // namespace clv
