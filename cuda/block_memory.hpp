#pragma once
// How a block divides its fast memory. Everything that outlives a phase stands here, because a lane keeps nothing of
// its own from one phase to the next. Paths are over when their values are summed, so what they leave behind and the
// sums use one place.

#include <cstddef>
#include <cstdint>

#include "batch.hpp"
#include "block_run.hpp"
#include "clv/core/host_device.hpp"
#include "clv/paths/retail_path.hpp"
#include "clv/risk/unit_sums.hpp"

namespace clv::cuda {

/// What a pass over the paths does about a rank.
enum class RankWork : std::uint32_t { wait, gather, count, done };

/// Where the value of one rank lies, in the order of their keys.
struct RankSearch {
    std::uint64_t low;  ///< keys of the values that may have the rank, both ends included
    std::uint64_t high;
    std::uint64_t smallest;  ///< of the keys that a counting pass met
    std::uint64_t largest;
    std::uint32_t before;  ///< values with lower keys
    std::uint32_t count;   ///< values with keys in [low, high]
    std::uint32_t leader;  ///< position of the first rank with the same [low, high]; it holds what follows for them all
    std::uint32_t offset;  ///< in the pool, in words
    std::uint32_t filled;  ///< values gathered
    std::uint32_t shift;   ///< of the counters of a counting pass: (key - low) >> shift
    RankWork work;
};

enum class TailWork : std::uint32_t { wait, sum, done };

struct AlternativeState {
    std::uint64_t smallest;  ///< keys of the values that the first histogram is laid out for
    std::uint64_t largest;
    double low;  ///< of the first histogram, in currency
    double buckets_per_unit_of_value;
    UnitSums all;
    UnitSums profit;
    UnitSums tail_sums;
    SharedUnits active_revenue;
    std::int64_t added_months;
    std::uint32_t losses;
    TailWork tail;
};

struct BlockFlags {
    std::uint64_t months_paid;  ///< of all lanes
    std::uint32_t value_out_of_range;
    std::uint32_t total_out_of_range;
    std::uint32_t open;    ///< searches that need another pass
    std::uint32_t passes;  ///< over all paths that are complete
    std::uint32_t living;  ///< of the retail law's slice of paths
    std::uint32_t taken;   ///< of those, for one alternative
};

inline constexpr std::uint32_t histogram_stretches = 32;
/// Paths of a slice that the retail law goes through together, for each lane: what it keeps of them is then as large as
/// the sums of the lanes.
inline constexpr std::uint32_t slice_paths_per_lane = 4;

struct BlockMemory {
    CustomerInput* customer;
    BlockFlags* flags;
    AlternativeState* state;       ///< [alternative]
    RankSearch* search;            ///< [alternative][rank]
    UnitSums* sums;                ///< [lane]; where paths have stood
    UnitSums* profit_sums;         ///< [lane]; likewise
    std::uint32_t* months_paid;    ///< [lane]
    double* value;                 ///< [alternative][path of the chunk]
    double* kept;                  ///< [alternative][path] in slow memory; null: not kept
    std::uint64_t* pool;           ///< [alternative][word]
    std::uint32_t* active_months;  ///< [alternative][months]
    std::uint32_t* stretch_count;  ///< [alternative][stretch of the first histogram]
    // the subscription law's
    SubscriptionInput* subscription;  ///< whose tables are those below
    double* table_value;              ///< [alternative][months], the first of the customer's tables
    double* revenue_value;
    double* revenue;
    float* hazard;
    float* cumulative_hazard;
    float* discounted_revenue;
    PhiloxShared* revenue_words;  ///< [block of four months]
    float* noise;                 ///< [months][lane]
    float* growth;                ///< [months][lane]; only where cash is kept
    std::int32_t* added_months;   ///< [alternative][lane]: of the lane's paths
    // the retail law's
    RetailCustomer* retail;
    retail::LivingPath* living;  ///< [of the slice]
    std::uint32_t* who;          ///< [of the slice]: path of the run
};

template <class T>
CLV_HD T* part_of(std::byte* memory, std::uint32_t offset) {
    return reinterpret_cast<T*>(memory + offset);
}

CLV_HD BlockMemory block_memory(std::byte* memory, const BlockLayout& at) {
    BlockMemory block{};
    block.customer = part_of<CustomerInput>(memory, at.customer);
    block.flags = part_of<BlockFlags>(memory, at.flags);
    block.state = part_of<AlternativeState>(memory, at.state);
    block.search = part_of<RankSearch>(memory, at.search);
    block.sums = part_of<UnitSums>(memory, at.sums);
    block.profit_sums = part_of<UnitSums>(memory, at.profit_sums);
    block.months_paid = part_of<std::uint32_t>(memory, at.months_paid);
    block.value = part_of<double>(memory, at.value);
    block.pool = part_of<std::uint64_t>(memory, at.pool);
    block.subscription = part_of<SubscriptionInput>(memory, at.subscription);
    block.table_value = part_of<double>(memory, at.table_value);
    block.revenue_value = part_of<double>(memory, at.revenue_value);
    block.revenue = part_of<double>(memory, at.revenue);
    block.hazard = part_of<float>(memory, at.hazard);
    block.cumulative_hazard = part_of<float>(memory, at.cumulative_hazard);
    block.discounted_revenue = part_of<float>(memory, at.discounted_revenue);
    block.revenue_words = part_of<PhiloxShared>(memory, at.revenue_words);
    block.noise = part_of<float>(memory, at.noise);
    block.growth = part_of<float>(memory, at.growth);
    block.added_months = part_of<std::int32_t>(memory, at.added_months);
    block.active_months = part_of<std::uint32_t>(memory, at.active_months);
    block.stretch_count = part_of<std::uint32_t>(memory, at.stretch_count);
    block.retail = part_of<RetailCustomer>(memory, at.retail);
    block.living = part_of<retail::LivingPath>(memory, at.living);
    block.who = part_of<std::uint32_t>(memory, at.who);
    return block;
}

}  // namespace clv::cuda
