#pragma once
// A purchase law with its parameters: what it says of customers who buy when they like and leave without saying so
// (clv/paths/purchase_law.hpp lists the laws). Times are in the model's time unit.

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "clv/core/units.hpp"
#include "clv/data/histories/history_rules.hpp"
#include "clv/paths/purchase_law.hpp"

namespace clv {

/// Parameters that the law has, the first of PurchaseParameters.
[[nodiscard]] std::size_t parameter_count(PurchaseLaw law) noexcept;

/// "bg_nbd", as in configurations and model.json, and the names of its parameters in their order.
[[nodiscard]] std::string_view law_name(PurchaseLaw law) noexcept;
[[nodiscard]] std::span<const std::string_view> law_parameters(PurchaseLaw law) noexcept;
/// Throws InputError for a name that no law has.
[[nodiscard]] PurchaseLaw law_named(std::string_view name);
/// What the law asks of histories.
[[nodiscard]] HistoryTime history_time(PurchaseLaw law) noexcept;
/// Those of gamma_gamma.
inline constexpr std::array<std::string_view, 3> spend_parameters{"p", "q", "v"};

/// x repeat purchases, the last of them t_x after the first purchase, seen over an age T.
struct PurchaseModel {
    PurchaseLaw law{};
    PurchaseParameters parameters{};
    TimeUnit time_unit = TimeUnit::week;

    /// Whether anybody ever drops out: false for nbd, and where the parameters are at that limit.
    [[nodiscard]] bool has_dropout() const noexcept;
    [[nodiscard]] double log_likelihood(double x, double recency, double age) const;
    /// E[X(t)] of a new customer: closed form, or quadrature to 1e-10 relative.
    [[nodiscard]] double expected_purchases(double t) const;
    /// E[purchases in (T, T + t] | x, t_x, T]
    [[nodiscard]] double conditional_expectation(double x, double recency, double age, double t) const;
    /// P(alive at T | x, t_x, T); 1 where there has been no chance to drop out.
    [[nodiscard]] double p_alive(double x, double recency, double age) const;
    /// P(X(t) = n) of a new customer
    [[nodiscard]] double count_probability(int n, double t) const;
    /// Discounted expected residual purchases (DERT) after T: discounted by exp(-rate t), with opportunities by (1 +
    /// rate)^-t. `rate` is above 0, per time unit; throws ModelError if it is not.
    [[nodiscard]] double discounted_residual(double x, double recency, double age, double rate) const;
};

}  // namespace clv
