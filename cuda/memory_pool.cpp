#include "memory_pool.hpp"

#include <cuda_runtime.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "device_memory.hpp"

namespace clv::cuda {

namespace {

constexpr std::size_t most_bytes_of_a_block = std::size_t{1} << 28;  // more would be missed by other programs
constexpr std::size_t most_blocks = 64;

struct Pool {
    std::mutex mutex;
    std::vector<MemoryBlock> blocks;
};

/// Never destroyed: when a program ends, the driver may be gone before its statics.
Pool& pool_of(Place place) {
    static auto* const pools = new Pool[2];
    return pools[place == Place::device ? 0 : 1];
}

void free_memory(Place place, const MemoryBlock& block) noexcept {
    if (place == Place::device) {
        cudaFree(block.data);
    } else {
        cudaFreeHost(block.data);
    }
}

cudaError_t allocate(Place place, MemoryBlock& block) {
    return place == Place::device ? cudaMalloc(&block.data, block.bytes) : cudaMallocHost(&block.data, block.bytes);
}

}  // namespace

MemoryBlock take_memory(Place place, std::size_t bytes) {
    MemoryBlock block{nullptr, bytes, 0};
    if (place == Place::device) {
        check(cudaGetDevice(&block.device), "name the current device");
    }
    Pool& pool = pool_of(place);
    const std::lock_guard lock(pool.mutex);
    const auto serves = [&](const MemoryBlock& left) {
        return left.device == block.device && bytes <= left.bytes && left.bytes / 2 <= bytes;
    };
    if (const auto found = std::ranges::find_if(pool.blocks, serves); found != pool.blocks.end()) {
        block = *found;
        pool.blocks.erase(found);
        return block;
    }
    if (allocate(place, block) != cudaSuccess) {
        static_cast<void>(cudaGetLastError());  // it would be found after the next launch
        std::ranges::for_each(pool.blocks, [&](const MemoryBlock& left) { free_memory(place, left); });
        pool.blocks.clear();
        check(allocate(place, block), place == Place::device ? "allocate device memory" : "allocate pinned memory");
    }
    return block;
}

void leave_memory(Place place, const MemoryBlock& block) noexcept {
    Pool& pool = pool_of(place);
    const std::lock_guard lock(pool.mutex);
    if (block.bytes > most_bytes_of_a_block || pool.blocks.size() >= most_blocks) {
        free_memory(place, block);
        return;
    }
    pool.blocks.push_back(block);
}

}  // namespace clv::cuda
