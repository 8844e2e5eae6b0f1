// The retail law on a GPU.

#include "block_kernel.cuh"
#include "retail_block.hpp"

namespace clv::cuda {

namespace {

__global__ void __launch_bounds__(most_lanes, blocks_per_multiprocessor)
    simulate_retail_kernel(const __grid_constant__ RetailLaunch launch) {
    take_customers<RetailPaths<DeviceGrid>>(launch);
}

}  // namespace

cudaError_t allow_shared_memory(const RetailBlockRun& run) {
    return allow_shared_memory(simulate_retail_kernel, run.shape.layout.bytes);
}

cudaError_t blocks_at_once(const RetailBlockRun& run, int& blocks) {
    return blocks_at_once(simulate_retail_kernel, run.shape, blocks);
}

cudaError_t start(const RetailLaunch& launch, unsigned blocks, cudaStream_t stream) {
    return start(simulate_retail_kernel, launch, blocks, stream);
}

}  // namespace clv::cuda
