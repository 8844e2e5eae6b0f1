#pragma once
// What the subscription law needs to know of every customer, on the index of the CustomerTable.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "clv/data/tables/column.hpp"
#include "clv/paths/certain_churn.hpp"

namespace clv {

/// Monthly hazards h_t = -ln(1 - p_t) of every customer, conditional on the customer's current tenure.
/// Curves live in one pool, so that customers of a segment share theirs; beyond its part of the pool a customer
/// continues with its tail hazard. A constant hazard is a tail with no curve.
struct HazardCurves {
    struct Reference {
        std::uint64_t start = 0;   ///< first entry in `pool`: the hazard of future month 1
        std::uint32_t length = 0;  ///< months covered by the pool
        float tail = 0.0F;         ///< hazard of every later month
    };
    std::vector<float> pool;
    std::vector<Reference> customers;

    /// Hazard of future month 1, 2, ..
    [[nodiscard]] float at(std::size_t customer, int month) const noexcept {
        const Reference& reference = customers[customer];
        const auto index = static_cast<std::uint32_t>(month - 1);
        return index < reference.length ? pool[reference.start + index] : reference.tail;
    }
};

struct SubscriptionColumns {
    std::vector<std::uint64_t> id_hash;
    Column monthly_revenue;     ///< currency a month
    Column margin;              ///< share of revenue
    Column retention_cost;      ///< currency a month
    Column acquisition_cost;    ///< currency at time 0
    Column revenue_growth;      ///< a year
    Column revenue_volatility;  ///< per square root of a year
    Column market_beta;
    HazardCurves hazards;
    std::vector<std::uint32_t> segment;  ///< index into segments; empty if there are none
    std::vector<std::string> segments;
    bool last_is_apart = false;  ///< the last segment, of who has churned, is no part of the portfolio
    /// Draws of what was fitted, and [customer][draw]: 1 over the factor on the customer's hazards under each. A path
    /// lives with one draw, the same for all customers. 0: hazards are known.
    std::size_t hazard_draws = 0;
    std::vector<float> inverse_hazard_factor{};

    [[nodiscard]] std::size_t size() const noexcept { return id_hash.size(); }
};

}  // namespace clv
