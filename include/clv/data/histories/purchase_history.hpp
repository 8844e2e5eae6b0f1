#pragma once
// What purchase models know of customers who buy when they like: how often, how long ago, how much.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clv/core/units.hpp"
#include "clv/data/tables/column.hpp"
#include "clv/data/tables/customer_table.hpp"

namespace clv {

/// One row per customer, or per group of equal customers. Purchases of a day count as one.
struct PurchaseSummary {
    IdColumn customer_id;
    std::vector<std::uint64_t> id_hash;  ///< customer_id_hash of the id
    TimeUnit time_unit = TimeUnit::week;
    std::vector<double> frequency;        ///< x: purchase days after the first
    std::vector<double> recency;          ///< t_x: from the first to the last purchase, in time units
    std::vector<double> age;              ///< T: from the first purchase to the end of observation, in time units
    std::vector<double> monetary_value;   ///< currency: mean of the repeat days' totals, 0 without any; empty: unknown
    Column weight;                        ///< customers that a row stands for
    std::vector<std::uint32_t> segment;   ///< index into segments; empty if there are none
    std::vector<std::string> segments;    ///< sorted by name
    std::vector<FeatureColumn> features;  ///< further columns: covariates and filters
    /// Last day of observation; absent where the input is a summary that does not say.
    std::optional<std::chrono::sys_days> observation_end;
    std::array<std::uint64_t, 2> content_hash{};  ///< order-free hash of all rows

    [[nodiscard]] std::size_t size() const noexcept { return customer_id.size(); }
};

/// Purchase days of all customers together, day by day.
struct DailyPurchases {
    std::chrono::sys_days first_day{};
    std::vector<std::uint32_t> first_purchases;   ///< [day]: customers whose first purchase it was
    std::vector<std::uint32_t> repeat_purchases;  ///< [day]: customers who bought again
    std::vector<double> repeat_revenue;           ///< [day]: currency
};

/// What the customers of a summary did after it.
struct HoldoutPurchases {
    std::chrono::sys_days last_day{};
    std::vector<std::uint32_t> purchases;  ///< [customer]: purchase days after the end of observation
    std::vector<double> revenue;           ///< [customer]: currency
    DailyPurchases daily;                  ///< of these customers alone, from the day after the end of observation

    /// How long they were watched.
    [[nodiscard]] double weeks() const noexcept {
        return static_cast<double>(daily.repeat_purchases.size()) / days_per_week;
    }
};

struct PurchaseHistory {
    PurchaseSummary summary;
    DailyPurchases daily;  ///< up to the end of observation; empty where the input was a summary
    std::optional<HoldoutPurchases> holdout;
    std::uint64_t refunded_only = 0;  ///< who never bought and was paid back: no customers
    double purchased = 0.0;           ///< currency: on purchase days, held out ones too
    double paid_back = 0.0;           ///< currency: on the other days, which only features know
};

}  // namespace clv
