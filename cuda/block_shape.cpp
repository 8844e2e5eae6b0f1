#include "block_shape.hpp"

#include <algorithm>
#include <cmath>

#include "batch.hpp"
#include "block_memory.hpp"

namespace clv::cuda {

namespace {

constexpr std::uint32_t most_pool_words = 4'096;
constexpr std::uint32_t least_pool_words = 256;

/// Places the parts of a block's memory one after the other.
class Places {
  public:
    /// The place of an array of `count` entries of the type that `type` points to.
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

namespace {

/// With the largest pool, up to `most` words for each alternative, that `bytes` hold beside so many values.
std::optional<BlockShape> with_pool(const BlockWork& work, std::uint32_t lanes, std::size_t bytes,
                                    std::uint32_t chunk_paths, std::uint32_t least, std::uint32_t most) {
    const std::size_t used = block_of(work, lanes, chunk_paths, 0).layout.bytes + alignof(std::uint64_t);
    if (used > bytes) {
        return std::nullopt;
    }
    const std::size_t room = (bytes - used) / sizeof(std::uint64_t) / static_cast<std::size_t>(work.alternatives);
    const auto words = static_cast<std::uint32_t>(std::min<std::size_t>(room, most));
    return words < least ? std::nullopt : std::optional(block_of(work, lanes, chunk_paths, words));
}

/// In the longest chunks that leave a pool of `least` words: between chunks every lane waits for every other.
std::optional<BlockShape> in_chunks(const BlockWork& work, std::uint32_t lanes, std::size_t bytes,
                                    std::uint32_t least) {
    constexpr std::uint32_t most_paths_of_a_lane = 16;
    for (std::uint32_t paths_of_a_lane = most_paths_of_a_lane; paths_of_a_lane > 0; paths_of_a_lane /= 2) {
        const std::uint32_t paths = std::min(work.paths, paths_of_a_lane * lanes);
        const bool ranks = work.ranks > 0;
        if (const auto shape = with_pool(work, lanes, bytes, paths, ranks ? least : 0, ranks ? most_pool_words : 0)) {
            return shape;
        }
    }
    return std::nullopt;
}

/// Words that mostly hold what a second pass gathers: a bucket of the first pass for every rank, two buckets a word,
/// twice as full as they would be if values were spread evenly.
std::uint32_t pool_words_for_two_passes(const BlockWork& work) {
    const double words = std::sqrt(2.0 * static_cast<double>(work.ranks) * static_cast<double>(work.paths));
    return std::clamp(static_cast<std::uint32_t>(std::min(words, 1e6)), least_pool_words, most_pool_words);
}

}  // namespace

std::optional<BlockShape> fit_block(const BlockWork& work, std::uint32_t lanes, std::size_t bytes) {
    return in_chunks(work, lanes, bytes, least_pool_words);
}

std::optional<BlockShape> fit_blocks(const BlockWork& work, std::uint32_t lanes, int most_residents,
                                     const std::function<std::size_t(int residents)>& bytes) {
    for (int residents = most_residents; residents > 0; --residents) {
        if (const auto shape = in_chunks(work, lanes, bytes(residents), pool_words_for_two_passes(work))) {
            return shape;
        }
    }
    return std::nullopt;
}

}  // namespace clv::cuda
