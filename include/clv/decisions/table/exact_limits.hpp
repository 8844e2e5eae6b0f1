#pragma once
// When a sum keeps a limit. Sums are those of the doubles themselves, without any rounding; but amounts and bounds are
// written as decimals that a double can only come near. So half a unit in the last place is allowed of the bound and of
// every amount that may be part of the sum: seven costs of 2/7 keep a budget of 2, and three of 1.10 keep 3.30. A bound
// of 0 allows nothing.

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "clv/decisions/table/uplift_table.hpp"
#include "clv/risk/fixed_point.hpp"

namespace clv {

/// By how much a sum may miss a bound.
class Allowance {
  public:
    explicit Allowance(double bound) noexcept;
    /// The largest amount, by magnitude, that one customer can bring to the sum. One beyond the bound is no part of it.
    void add(double amount) noexcept;
    [[nodiscard]] double total() const noexcept { return sum_.nearest(); }

  private:
    double magnitude_;
    OrderFreeSum sum_;
};

/// Of a sum over the customers of a table, each with one of the actions open to them, that `use(customer, action)`
/// brings to it; 0 without a finite bound.
template <class Use>
[[nodiscard]] double allowance_of(const UpliftTable& table, double bound, const Use& use) {
    if (!std::isfinite(bound)) {
        return 0.0;
    }
    Allowance allowance(bound);
    for (std::size_t i = 0; i < table.size(); ++i) {
        double largest = 0.0;
        for (std::size_t a = 0; a < table.actions.size(); ++a) {
            largest = std::max(largest, table.is_open(i, a) ? std::abs(use(i, a)) : 0.0);
        }
        allowance.add(largest);
    }
    return allowance.total();
}

/// `allowance`: of the bound, Allowance::total().
[[nodiscard]] bool keeps_most(OrderFreeSum sum, double most, double allowance) noexcept;
[[nodiscard]] bool keeps_least(OrderFreeSum sum, double least, double allowance) noexcept;

/// The return per unit of cost that counts as min_roi: 2^-51 of it less, which covers that profit, cost and min_roi are
/// each rounded to a double.
[[nodiscard]] double least_return(double min_roi) noexcept;

}  // namespace clv
