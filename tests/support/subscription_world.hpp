#pragma once
// Small populations with known answers, for tests of the path law and of the backends.

#include <cmath>
#include <cstdint>
#include <vector>

#include "clv/paths/subscription_columns.hpp"
#include "clv/random/elementary.hpp"
#include "clv/random/philox.hpp"

namespace clv::test {

/// Customers who pay 100 a month, keep margin 1, never churn and cost nothing, until told otherwise.
inline SubscriptionColumns plain_customers(std::size_t count) {
    SubscriptionColumns columns;
    for (std::size_t i = 0; i < count; ++i) {
        columns.id_hash.push_back(0x9e3779b97f4a7c15ULL * (i + 1));
    }
    columns.monthly_revenue.assign(count, 100.0);
    columns.margin.assign(count, 1.0);
    columns.retention_cost.assign(count, 0.0);
    columns.acquisition_cost.assign(count, 0.0);
    columns.revenue_growth.assign(count, 0.0);
    columns.revenue_volatility.assign(count, 0.0);
    columns.market_beta.assign(count, 1.0);
    columns.hazards.customers.assign(count, {});
    return columns;
}

inline void set_constant_churn(SubscriptionColumns& columns, double monthly_probability) {
    const auto hazard = static_cast<float>(-elementary::log1p(-monthly_probability));
    for (auto& reference : columns.hazards.customers) {
        reference = {0, 0, hazard};
    }
}

/// A uniform number in (low, high), the same for the same (i, which).
inline double uniform(std::size_t i, std::uint32_t which, double low, double high) {
    const auto block =
        philox<std::uint32_t>(draw_address(Purpose::world, which), static_cast<std::uint32_t>(i), 0U, 0U, 20'07U, 0U);
    return low + (high - low) * (static_cast<double>(block.word[0]) + 0.5) * 0x1p-32;
}

/// Customers that differ in everything, in three segments.
inline SubscriptionColumns mixed_customers(std::size_t count) {
    SubscriptionColumns columns = plain_customers(count);
    columns.segments = {"a", "b", "c"};
    for (std::size_t i = 0; i < count; ++i) {
        columns.monthly_revenue[i] = uniform(i, 0, 5.0, 200.0);
        columns.margin[i] = uniform(i, 1, 0.2, 1.0);
        columns.retention_cost[i] = uniform(i, 2, 0.0, 4.0);
        columns.acquisition_cost[i] = i % 3 == 0 ? uniform(i, 3, 0.0, 300.0) : 0.0;
        columns.revenue_growth[i] = uniform(i, 4, -0.1, 0.1);
        columns.revenue_volatility[i] = i % 4 == 0 ? 0.0 : uniform(i, 5, 0.0, 0.6);
        columns.market_beta[i] = uniform(i, 6, 0.0, 2.0);
        columns.segment.push_back(static_cast<std::uint32_t>(i % 3));
        const double churn = uniform(i, 7, 0.002, 0.15);
        columns.hazards.customers[i] = {0, 0, static_cast<float>(-elementary::log1p(-churn))};
        if (i % 5 == 0) {  // a curve of twelve months, then its tail
            columns.hazards.customers[i].start = columns.hazards.pool.size();
            columns.hazards.customers[i].length = 12;
            for (int month = 0; month < 12; ++month) {
                columns.hazards.pool.push_back(
                    static_cast<float>(uniform(i, 8U + static_cast<std::uint32_t>(month), 0.0, 0.2)));
            }
        }
    }
    return columns;
}

}  // namespace clv::test
