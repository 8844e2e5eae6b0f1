#pragma once
// What every block of a launch shares.

#include <cstddef>
#include <cstdint>

#include "clv/core/host_device.hpp"
#include "clv/paths/retail.hpp"
#include "clv/paths/subscription.hpp"

namespace clv::cuda {

/// The order statistics wanted of every alternative's values: none, or at least the tail's.
struct WantedRanks {
    const std::uint32_t* ranks;  ///< from 1, rising, each once
    std::uint32_t count;
    std::uint32_t tail;  ///< position of the rank where CVaR's tail ends
};

/// Where the parts of a block's fast memory begin (block_memory.hpp), in bytes. Those of the other law are empty.
struct BlockLayout {
    std::uint32_t customer, flags, state, search, sums, profit_sums, months_paid, value, pool, active_months,
        stretch_count;
    std::uint32_t subscription, table_value, revenue_value, revenue, hazard, cumulative_hazard, discounted_revenue,
        revenue_words, noise, growth, added_months;
    std::uint32_t retail, living, who;
    std::uint32_t bytes;  ///< in all
};

/// How one block works. Nothing of it shows in a result.
struct BlockShape {
    std::uint32_t lanes;        ///< threads
    std::uint32_t chunk_paths;  ///< the values of so many paths are at hand at a time
    std::uint32_t pool_words;   ///< per alternative, of 64 bits, for selection
    BlockLayout layout;
};

/// Under any law.
struct BlockRun {
    std::uint32_t paths;
    int alternatives;
    int horizon_months;
    WantedRanks wanted;
    BlockShape shape;
    bool difference;               ///< totals are of alternative 1 minus none, not of none
    double total_scale;            ///< units per currency
    double cash_scale;             ///< units per currency
    std::int64_t unchecked_units;  ///< summands below it cannot leave the range of a total together
    std::int64_t* totals;          ///< [segment][path]
    std::int64_t* cash;            ///< [segment][grouped_index]; null: not kept
    double* kept;  ///< [block][alternative][path]: the customer's values for passes after the first; null: those
                   ///< simulate again, unless a chunk holds all values
};

/// The values of one customer that a block keeps.
CLV_HD std::size_t kept_values(const BlockRun& run) {
    return static_cast<std::size_t>(run.alternatives) * run.paths;
}

struct SubscriptionBlockRun : BlockRun {
    SubscriptionRun law;
};

struct RetailBlockRun : BlockRun {
    RetailRun law;
    const double* discount;  ///< [month - 1]: present value of 1
    const double* annuity;   ///< [months]
};

}  // namespace clv::cuda
