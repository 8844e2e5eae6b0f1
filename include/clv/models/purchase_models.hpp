#pragma once
// Purchase models of customers who buy when they like and leave without saying so. Times are in the model's time unit.
//
//   bg_nbd      Fader, Hardie, Lee 2005: may drop out after every repeat purchase
//   mbg_nbd     Batislam, Denizel, Filiztekin 2007: and after the first one
//   pareto_nbd  Schmittlein, Morrison, Colombo 1987: may drop out at any time
//   bg_bb       Fader, Hardie, Shang 2010: one opportunity to buy per period; T and t are whole periods
//   nbd         Ehrenberg 1959: nobody drops out

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "clv/core/units.hpp"
#include "clv/paths/retail_columns.hpp"

namespace clv {

/// Parameters that the law has, the first of PurchaseParameters.
[[nodiscard]] constexpr std::size_t parameter_count(PurchaseLaw law) noexcept {
    return law == PurchaseLaw::nbd ? 2 : 4;
}

/// "bg_nbd", as in configurations and model.json, and the names of its parameters in their order.
[[nodiscard]] std::string_view law_name(PurchaseLaw law);
[[nodiscard]] std::span<const std::string_view> law_parameters(PurchaseLaw law);
/// Throws InputError for a name that no law has.
[[nodiscard]] PurchaseLaw law_named(std::string_view name);
/// Those of gamma_gamma.
inline constexpr std::array<std::string_view, 3> spend_parameters{"p", "q", "v"};

/// x repeat purchases, the last of them t_x after the first purchase, seen over an age T.
struct PurchaseModel {
    PurchaseLaw law = PurchaseLaw::bg_nbd;
    PurchaseParameters parameters{};
    TimeUnit time_unit = TimeUnit::week;

    /// Whether anybody ever drops out: false for nbd, and where the parameters are at that limit.
    [[nodiscard]] bool has_dropout() const noexcept;
    [[nodiscard]] double log_likelihood(double x, double recency, double age) const;
    /// E[X(t)] of a new customer. Quadrature to 1e-10 relative for bg_nbd and mbg_nbd, closed form for the others.
    [[nodiscard]] double expected_purchases(double t) const;
    /// E[purchases in (T, T + t] | x, t_x, T]
    [[nodiscard]] double conditional_expectation(double x, double recency, double age, double t) const;
    /// P(alive at T | x, t_x, T). Under bg_nbd it is 1 without repeat purchases.
    [[nodiscard]] double p_alive(double x, double recency, double age) const;
    /// P(X(t) = n) of a new customer
    [[nodiscard]] double count_probability(int n, double t) const;
    /// Discounted expected residual purchases (DERT) after T: discounted by exp(-rate t), for bg_bb by (1 + rate)^-t.
    /// `rate` is above 0, per time unit; throws ModelError if it is not.
    [[nodiscard]] double discounted_residual(double x, double recency, double age, double rate) const;
};

}  // namespace clv
