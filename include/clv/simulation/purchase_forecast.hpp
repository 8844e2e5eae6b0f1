#pragma once
// What customers without a contract buy in the weeks to come, path by path: for truth after the fact, and wherever
// counts matter and not value. Backend::forecast_purchases makes it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace clv {

/// Takes the paths of one customer: purchases, and what they were worth together in currency. Called by several threads
/// at once, for different customers.
using TakePurchases =
    std::function<void(std::size_t customer, std::span<const std::uint32_t> purchases, std::span<const float> spend)>;

/// All customers together.
struct PurchaseForecast {
    int weeks = 0;                         ///< begun within the horizon
    std::vector<std::uint64_t> purchases;  ///< [week][path]
    std::vector<double> spend;             ///< [path]: currency of the whole horizon
};

}  // namespace clv
