#pragma once
// Purchase models of customers without a contract, and what they expect. Times are in the model's time unit.
//
// BG/NBD: Fader, Hardie and Lee 2005. MBG/NBD: Batislam, Denizel and Filiztekin 2007. Pareto/NBD: Schmittlein, Morrison
// and Colombo 1987. BG/BB: Fader, Hardie and Shang 2010. NBD: Ehrenberg 1959.

#include <span>
#include <string_view>

#include "clv/core/units.hpp"
#include "clv/paths/retail_columns.hpp"

namespace clv {

struct PurchaseModel {
    PurchaseLaw law = PurchaseLaw::bg_nbd;
    PurchaseParameters parameters{};
    TimeUnit time_unit = TimeUnit::week;

    /// Log-likelihood of one customer's history.
    [[nodiscard]] double log_likelihood(double x, double t_x, double T) const;
    /// P(still a customer | x, t_x, T).
    [[nodiscard]] double p_alive(double x, double t_x, double T) const;
    /// Repeat purchases of a new customer in the first `t`.
    [[nodiscard]] double expected_purchases(double t) const;
    /// Purchases of a customer with this history in the next `t`.
    [[nodiscard]] double conditional_expectation(double x, double t_x, double T, double t) const;
};

/// "bg_nbd", as in configurations and model.json.
[[nodiscard]] std::string_view to_string(PurchaseLaw law) noexcept;

/// Names of the parameters, in their order.
[[nodiscard]] std::span<const std::string_view> parameter_names(PurchaseLaw law) noexcept;

/// Gamma-Gamma model of spend (Fader and Hardie 2013): a purchase is Gamma(p, n), n of the customer is Gamma(q, v).
struct SpendModel {
    SpendParameters parameters{};

    /// Log-likelihood of a mean spend of `mean` over `x` purchases, both above 0.
    [[nodiscard]] double log_likelihood(double x, double mean) const;
    /// Mean spend of a customer's future purchases, in currency; infinite where q + p x <= 1. x = 0: of a new customer.
    [[nodiscard]] double expected_spend(double x, double mean) const;
};

inline constexpr std::string_view spend_parameter_names[] = {"p", "q", "v"};

}  // namespace clv
