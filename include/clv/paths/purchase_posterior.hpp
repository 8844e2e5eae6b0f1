#pragma once
// What a purchase history leaves open under the purchase laws (src/paths/laws has each of them). By elementary
// operations alone, so that paths start from the same bits with every compiler and library.

#include <cstdint>

#include "clv/paths/purchase_law.hpp"
#include "clv/paths/retail_columns.hpp"

namespace clv {

enum class DropoutTime : std::uint32_t;  // retail.hpp

/// When customers drop out, and whether they buy at opportunities alone, one a time unit.
[[nodiscard]] DropoutTime dropout_time(PurchaseLaw law) noexcept;
[[nodiscard]] bool has_opportunities(PurchaseLaw law) noexcept;

/// What a purchase history says under one draw of the parameters, in units of PurchaseSummary::time_unit. Gamma draws
/// of the shapes times their scales are purchases, dropouts and currency.
struct PurchasePosterior {
    double alive = 1.0;          ///< probability of being a customer still
    double rate_shape = 0.0;     ///< of the purchase rate; with opportunities, first shape of the probability to buy
    double rate_other = 0.0;     ///< second shape, with opportunities
    double rate_scale = 1.0;     ///< purchases a time unit
    double dropout_shape = 0.0;  ///< of the rate of dropping out, or first shape of its probability; 0: nobody does
    double dropout_other = 1.0;  ///< second shape of its probability
    double dropout_scale = 1.0;  ///< dropouts a time unit; 1 for a probability
};

/// Exact posteriors given x, t_x, T. The factors are those of the customer's covariates, on the rate and on dropout.
[[nodiscard]] PurchasePosterior purchase_posterior(PurchaseLaw law, const PurchaseParameters& parameters, double x,
                                                   double t_x, double T, double rate_factor = 1.0,
                                                   double dropout_factor = 1.0);

/// Whether anybody drops out under these parameters (see PurchaseParameters).
[[nodiscard]] bool has_dropout(PurchaseLaw law, const PurchaseParameters& parameters) noexcept;

/// ln of P(dropped out) / P(alive) given x, t_x, T, of a law with dropout; -infinity where it has had no chance. The
/// error of the odds is below 1e-10 of them. `gradient`: its derivatives by the parameters, 0 where it is infinite.
[[nodiscard]] double dropout_log_odds(PurchaseLaw law, const PurchaseParameters& parameters, double x, double t_x,
                                      double T, PurchaseParameters* gradient = nullptr);

/// Purchases a time unit that are expected of a customer while alive.
[[nodiscard]] double expected_rate(PurchaseLaw law, const PurchaseParameters& parameters, double x, double T,
                                   double rate_factor = 1.0);

/// Purchases that a customer may be expected to make until the horizon: a tenth of those that have an address.
inline constexpr double most_expected_purchases = 1.0e5;

/// The customer's own gamma of spend under Gamma-Gamma (Fader and Hardie 2013), given the mean of x purchases: nothing
/// is learnt where that is 0, and such purchases are left out of the fit too.
struct SpendPosterior {
    double shape = 0.0;
    double scale = 0.0;  ///< currency
};
[[nodiscard]] SpendPosterior spend_posterior(const SpendParameters& parameters, double x,
                                             double monetary_value) noexcept;

/// Mean value of a future purchase, currency; NaN where it is undefined (shape <= 1).
[[nodiscard]] double expected_spend(const SpendParameters& parameters, double x, double monetary_value) noexcept;

}  // namespace clv
