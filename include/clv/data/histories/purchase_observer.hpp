#pragma once

#include <chrono>
#include <cstddef>

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
    /// A day on which the summary's customer of that index bought for `revenue` (currency). Customers come one after
    /// the other, and their days in order.
    virtual void add(std::size_t customer, std::chrono::sys_days day, double revenue) = 0;
    /// A day on which that customer bought nothing and was paid back -`revenue` (currency). Such days come among the
    /// others in their order, but those before the first purchase come right after it.
    virtual void add_refund(std::size_t customer, std::chrono::sys_days day, double revenue) = 0;
};

}  // namespace clv
