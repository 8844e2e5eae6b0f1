#pragma once
// What BG/NBD and MBG/NBD share: purchases as in NBD, and after each a chance p ~ Beta(a, b) to drop out. `first`:
// chances before the first repeat purchase, 0 for BG/NBD and 1 for MBG/NBD. Internal to the laws.

#include "purchase_law_traits.hpp"

namespace clv {

[[nodiscard]] Slope log_likelihood_after_purchase(const PurchaseRows& rows, const PurchaseParameters& at, double first);
[[nodiscard]] double expected_after_purchase(const PurchaseParameters& at, double t);
[[nodiscard]] double discounted_after_purchase(const PurchaseParameters& at, double rate);
[[nodiscard]] double count_probability_after_purchase(const PurchaseParameters& at, int n, double t, int first);

}  // namespace clv
