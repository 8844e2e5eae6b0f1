#pragma once
// The border between host code and the kernels.

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "batch.hpp"
#include "block_run.hpp"

namespace clv::cuda {

/// Most threads of a block, and how many such blocks the registers of a multiprocessor hold at once. Kernels of many
/// alternatives need more registers than three blocks leave them.
inline constexpr std::uint32_t most_lanes = 256;
inline constexpr int blocks_per_multiprocessor = 3;
inline constexpr int blocks_with_many_alternatives = 2;
inline constexpr int static_shared_bytes = 16;  ///< of a block, beside its layout

/// Customers of a batch that share a launch: first .. first + count - 1, taken by blocks one after the other.
template <class Run, class Batch>
struct Launch {
    Run run;
    Batch input;
    BatchOutput output;
    std::uint32_t first;
    std::uint32_t count;
    std::uint32_t* taken;  ///< how many have been taken; 0 at the start
};
using SubscriptionLaunch = Launch<SubscriptionBlockRun, SubscriptionBatch>;
using RetailLaunch = Launch<RetailBlockRun, RetailBatch>;

/// Lets the kernel of a run have its block's shared memory on the current device.
[[nodiscard]] cudaError_t allow_shared_memory(const SubscriptionBlockRun& run);
[[nodiscard]] cudaError_t allow_shared_memory(const RetailBlockRun& run);

/// How many blocks of a run a multiprocessor of the current device holds at once.
[[nodiscard]] cudaError_t blocks_at_once(const SubscriptionBlockRun& run, int& blocks);
[[nodiscard]] cudaError_t blocks_at_once(const RetailBlockRun& run, int& blocks);

/// Starts `blocks` blocks on a stream.
[[nodiscard]] cudaError_t start(const SubscriptionLaunch& launch, unsigned blocks, cudaStream_t stream);
[[nodiscard]] cudaError_t start(const RetailLaunch& launch, unsigned blocks, cudaStream_t stream);

}  // namespace clv::cuda
