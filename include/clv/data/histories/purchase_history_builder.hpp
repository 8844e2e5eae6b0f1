#pragma once
// Purchases, customer by customer and day by day, to what purchase models know of the customers.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clv/data/histories/observation_settings.hpp"
#include "clv/data/histories/purchase_history.hpp"
#include "clv/data/histories/purchase_observer.hpp"

namespace clv {

/// Memory is that of the summary plus one entry per day: purchases are not kept.
///
/// Purchases of a customer on one day are one purchase of their total. A day with money paid back (negative revenue) is
/// a purchase only if its total is positive: else it is a refund, which the observer sees and the summary does not. A
/// day without any revenue is a purchase. Customers first seen after the end of calibration are left out, and so are
/// those with refunds alone and what comes after the end of observation.
class PurchaseHistoryBuilder {
  public:
    /// `last_day`: of all purchases, the end of observation where the settings name none.
    /// `observer` sees begin() and the purchase days, up to the end of calibration.
    /// Throws ConfigError if calibration does not end before the observation does.
    PurchaseHistoryBuilder(const ObservationSettings& settings, std::chrono::sys_days last_day,
                           PurchaseObserver* observer = nullptr);

    /// Every customer's purchases must come together and in the order of days, customers in the order of the summary:
    /// throws std::logic_error for an earlier day. `revenue` in currency.
    void add(std::string_view customer_id, std::chrono::sys_days day, double revenue);

    /// The next purchase of the customer of the last add().
    void add_next(std::chrono::sys_days day, double revenue);

    enum class Ids { to_check, distinct };
    /// Throws InputError if no customer bought up to the end of calibration, or two ids have the same hash, unless they
    /// are known to be distinct.
    [[nodiscard]] PurchaseHistory finish(Ids ids = Ids::to_check) &&;

  private:
    struct DayTotals {
        std::uint32_t first_purchases = 0;
        std::uint32_t repeat_purchases = 0;
        double repeat_revenue = 0.0;
    };
    /// Totals by day, over all the days there are between the first and the last.
    class Days {
      public:
        [[nodiscard]] DayTotals& operator[](std::chrono::sys_days day);
        [[nodiscard]] std::chrono::sys_days first_day() const noexcept { return first_used_; }
        [[nodiscard]] DailyPurchases daily(std::chrono::sys_days first_day, std::chrono::sys_days last_day) const;

      private:
        std::vector<DayTotals> totals_;
        std::chrono::sys_days begin_{};  ///< day of totals_[0]
        std::chrono::sys_days first_used_{};
    };

    void begin_customer(std::string_view customer_id, std::chrono::sys_days day);
    void begin_day(std::chrono::sys_days day);
    [[nodiscard]] bool is_refund() const noexcept;
    void close_day();
    void close_refund();
    void close_customer();
    void check_hashes() const;

    PurchaseObserver* observer_;
    std::string_view holdout_key_;
    double days_per_unit_;
    std::chrono::sys_days calibration_end_;
    std::chrono::sys_days observation_end_;
    PurchaseHistory history_;
    Days days_;
    Days holdout_days_;

    // The customer and the day at hand.
    bool open_ = false;
    bool has_bought_ = false;
    std::string customer_id_;
    std::vector<std::pair<std::chrono::sys_days, double>> refunds_before_;  ///< before the first purchase
    std::chrono::sys_days first_day_{};                                     ///< of a purchase
    std::chrono::sys_days last_calibration_day_{};
    std::chrono::sys_days day_{};
    double day_revenue_ = 0.0;
    double day_turnover_ = 0.0;  ///< sum of the absolute values
    bool day_has_refund_ = false;
    std::uint32_t repeats_ = 0;
    double repeat_revenue_ = 0.0;
    std::uint32_t holdout_purchases_ = 0;
    double holdout_revenue_ = 0.0;
};

}  // namespace clv
