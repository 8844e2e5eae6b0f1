#pragma once

#include <chrono>
#include <cstddef>
#include <span>

namespace clv {

/// Sees the purchase days of customers while their summary is made.
class PurchaseObserver {
  public:
    PurchaseObserver() = default;
    PurchaseObserver(const PurchaseObserver&) = delete;
    PurchaseObserver& operator=(const PurchaseObserver&) = delete;
    virtual ~PurchaseObserver() = default;

    /// Before the first purchase. `observation_end`: the last day that the summary knows.
    virtual void begin(std::chrono::sys_days observation_end) = 0;
    /// A day on which a customer of the summary bought for `revenue` (currency). Customers come one after the other,
    /// `customer` being 0, 1, .., and their days in order.
    virtual void add(std::size_t customer, std::chrono::sys_days day, double revenue) = 0;
    /// After the last purchase: the summary's row i is the customer that add() called order[i].
    virtual void finish(std::span<const std::size_t> order) = 0;
};

}  // namespace clv
