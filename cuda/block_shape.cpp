#include "block_shape.hpp"

#include <algorithm>

#include "batch.hpp"
#include "block_memory.hpp"

namespace clv::cuda {

namespace {

constexpr std::uint32_t most_pool_words = 4'096;
constexpr std::uint32_t most_pool_words_at_hand = 1'024;  // another look at values at hand is cheap
constexpr std::uint32_t least_pool_words = 256;

}  // namespace

BlockShape block_of(const BlockWork& work, std::uint32_t lanes, std::uint32_t chunk_paths, std::uint32_t pool_words) {
    const auto alternatives = static_cast<std::size_t>(work.alternatives);
    const auto months = static_cast<std::size_t>(work.horizon_months);
    MemoryCursor cursor(nullptr);
    const auto place = [&cursor]<class T>(T* /*type*/, std::size_t count) {
        static_cast<void>(cursor.take<T>(count));
        return static_cast<std::uint32_t>(cursor.bytes() - count * sizeof(T));
    };
    const BlockMemory type{};
    BlockLayout at{};
    at.customer = place(type.customer, 1);
    at.flags = place(type.flags, 1);
    at.state = place(type.state, alternatives);
    at.search = place(type.search, alternatives * work.ranks);
    at.months_paid = place(type.months_paid, lanes);
    const std::size_t walks = (months + 1 + month_padding) * lanes;
    const std::size_t walk_bytes = walks * sizeof(float) * (work.with_cash ? 2 : 1);
    at.sums = place(type.sums, std::max(2 * std::size_t{lanes}, walk_bytes / sizeof(UnitSums) + 1));
    at.profit_sums = at.sums + static_cast<std::uint32_t>(lanes * sizeof(UnitSums));
    at.noise = at.sums;
    at.growth = at.sums + static_cast<std::uint32_t>(walks * sizeof(float));
    at.value = place(type.value, alternatives * chunk_paths);
    at.pool = place(type.pool, alternatives * pool_words);
    at.table_value = place(type.table_value, alternatives * (months + 1));
    at.revenue_value = place(type.revenue_value, months + 1);
    at.revenue = place(type.revenue, work.with_cash ? months : 0);
    at.hazard = place(type.hazard, months);
    at.cumulative_hazard = place(type.cumulative_hazard, months);
    at.discounted_revenue = place(type.discounted_revenue, months + month_padding);
    at.revenue_words = place(type.revenue_words, static_cast<std::size_t>(revenue_blocks(work.horizon_months)));
    at.active_months = place(type.active_months, alternatives * (months + 1));
    at.stretch_count = place(type.stretch_count, work.ranks > 0 ? alternatives * histogram_stretches : 0);
    at.bytes = static_cast<std::uint32_t>(cursor.bytes());
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
