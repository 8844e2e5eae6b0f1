#include "block_shape.hpp"

#include <algorithm>

#include "batch.hpp"
#include "block_memory.hpp"

namespace clv::cuda {

namespace {

constexpr std::uint32_t most_pool_words = 4'096;
constexpr std::uint32_t most_pool_words_at_hand = 1'024;  // another look at values at hand is cheap
constexpr std::uint32_t least_pool_words = 256;

/// Places the parts of a block's memory one after the other.
class Places {
  public:
    /// Of an array whose entries `type` points to.
    template <class T>
    std::uint32_t place(T* /*type*/, std::size_t count) {
        static_cast<void>(cursor_.take<T>(count));
        return static_cast<std::uint32_t>(cursor_.bytes() - count * sizeof(T));
    }
    [[nodiscard]] std::uint32_t bytes() const { return static_cast<std::uint32_t>(cursor_.bytes()); }

  private:
    MemoryCursor cursor_{nullptr};
};

/// Room for the sums of all lanes or for `bytes` of what stands there before.
void place_sums(Places& places, std::uint32_t lanes, std::size_t bytes, BlockLayout& at) {
    const std::size_t sums = std::max(2 * std::size_t{lanes}, (bytes + sizeof(UnitSums) - 1) / sizeof(UnitSums));
    at.sums = places.place(BlockMemory{}.sums, sums);
    at.profit_sums = at.sums + static_cast<std::uint32_t>(lanes * sizeof(UnitSums));
}

void place_subscription(Places& places, const BlockWork& work, std::uint32_t lanes, BlockLayout& at) {
    const auto alternatives = static_cast<std::size_t>(work.alternatives);
    const auto months = static_cast<std::size_t>(work.horizon_months);
    const BlockMemory type{};
    const std::size_t walk_bytes = (months + 1 + month_padding) * lanes * sizeof(float);
    place_sums(places, lanes, walk_bytes * (work.with_cash ? 2 : 1), at);
    at.noise = at.sums;
    at.growth = at.sums + static_cast<std::uint32_t>(walk_bytes);
    at.subscription = places.place(type.subscription, 1);
    at.table_value = places.place(type.table_value, alternatives * (months + 1));
    at.revenue_value = places.place(type.revenue_value, months + 1);
    at.revenue = places.place(type.revenue, work.with_cash ? months : 0);
    at.hazard = places.place(type.hazard, months);
    at.cumulative_hazard = places.place(type.cumulative_hazard, months);
    at.discounted_revenue = places.place(type.discounted_revenue, months + month_padding);
    at.added_months = places.place(type.added_months, alternatives * lanes);
    at.revenue_words = places.place(type.revenue_words, static_cast<std::size_t>(revenue_blocks(work.horizon_months)));
}

void place_retail(Places& places, std::uint32_t lanes, BlockLayout& at) {
    const BlockMemory type{};
    const std::size_t slice = std::size_t{lanes} * slice_paths_per_lane;
    place_sums(places, lanes, slice * (sizeof(*type.living) + sizeof(*type.who)), at);
    at.living = at.sums;
    at.who = at.sums + static_cast<std::uint32_t>(slice * sizeof(*type.living));
    at.retail = places.place(type.retail, 1);
}

}  // namespace

BlockShape block_of(const BlockWork& work, std::uint32_t lanes, std::uint32_t chunk_paths, std::uint32_t pool_words) {
    const auto alternatives = static_cast<std::size_t>(work.alternatives);
    const auto months = static_cast<std::size_t>(work.horizon_months);
    const BlockMemory type{};
    Places places;
    BlockLayout at{};
    at.customer = places.place(type.customer, 1);
    at.flags = places.place(type.flags, 1);
    at.state = places.place(type.state, alternatives);
    at.search = places.place(type.search, alternatives * work.ranks);
    at.months_paid = places.place(type.months_paid, lanes);
    if (work.law == PathLaw::retail) {
        place_retail(places, lanes, at);
    } else {
        place_subscription(places, work, lanes, at);
    }
    at.value = places.place(type.value, alternatives * chunk_paths);
    at.pool = places.place(type.pool, alternatives * pool_words);
    at.active_months = places.place(type.active_months, alternatives * (months + 1));
    at.stretch_count = places.place(type.stretch_count, work.ranks > 0 ? alternatives * histogram_stretches : 0);
    at.bytes = places.bytes();
    return {lanes, chunk_paths, pool_words, at};
}

std::optional<BlockShape> fit_block(const BlockWork& work, std::uint32_t lanes, std::size_t bytes) {
    const auto alternatives = static_cast<std::size_t>(work.alternatives);
    if (work.ranks == 0) {
        const BlockShape shape = block_of(work, lanes, std::min(work.paths, lanes), 0);
        return shape.layout.bytes <= bytes ? std::optional(shape) : std::nullopt;
    }
    const auto with_pool = [&](std::uint32_t chunk_paths, std::uint32_t most) -> std::optional<BlockShape> {
        const std::size_t used = block_of(work, lanes, chunk_paths, 0).layout.bytes + alignof(std::uint64_t);
        if (used > bytes) {
            return std::nullopt;
        }
        const auto words = static_cast<std::uint32_t>(
            std::min<std::size_t>((bytes - used) / sizeof(std::uint64_t) / alternatives, most));
        return words < least_pool_words ? std::nullopt : std::optional(block_of(work, lanes, chunk_paths, words));
    };
    constexpr std::uint32_t most_paths_at_hand = 1U << 16;  // more never fit, and their bytes would not be counted
    if (work.paths <= most_paths_at_hand) {
        if (const auto shape = with_pool(work.paths, most_pool_words_at_hand)) {
            return shape;
        }
    }
    return with_pool(std::min(work.paths, lanes), most_pool_words);
}

}  // namespace clv::cuda
