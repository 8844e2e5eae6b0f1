// The subscription law on a GPU.

#include "block_kernel.cuh"
#include "subscription_block.hpp"

namespace clv::cuda {

namespace {

template <int Alternatives>
__global__ void __launch_bounds__(most_lanes,
                                  Alternatives <= 3 ? blocks_per_multiprocessor : blocks_with_many_alternatives)
    simulate_kernel(const __grid_constant__ SubscriptionLaunch launch) {
    take_customers<SubscriptionPaths<Alternatives, DeviceGrid>>(launch);
}

using Kernel = void (*)(SubscriptionLaunch);

/// Fewer kernels than numbers of alternatives: idle actions cost little, and every kernel has to be compiled.
constexpr Kernel kernels[] = {simulate_kernel<1>, simulate_kernel<2>, simulate_kernel<3>, simulate_kernel<5>,
                              simulate_kernel<9>};

Kernel kernel_for(int alternatives) {
    static_assert(max_alternatives == 9);
    return kernels[alternatives <= 3 ? alternatives - 1 : alternatives <= 5 ? 3 : 4];
}

}  // namespace

cudaError_t allow_shared_memory(const SubscriptionBlockRun& run) {
    return allow_shared_memory(kernel_for(run.alternatives), run.shape.layout.bytes);
}

cudaError_t blocks_at_once(const SubscriptionBlockRun& run, int& blocks) {
    return blocks_at_once(kernel_for(run.alternatives), run.shape, blocks);
}

cudaError_t start(const SubscriptionLaunch& launch, unsigned blocks, cudaStream_t stream) {
    return start(kernel_for(launch.run.alternatives), launch, blocks, stream);
}

}  // namespace clv::cuda
