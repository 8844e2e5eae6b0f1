// The body of a block (customer_block.hpp) on a GPU's threads: a persistent grid whose blocks take one customer after
// another until none is left.

#include "customer_block.hpp"
#include "path_kernel.hpp"

namespace clv::cuda {

namespace {

class DeviceGrid {
  public:
    [[nodiscard]] __device__ std::uint32_t lanes() const { return blockDim.x; }

    template <class Function>
    __device__ void for_each_lane(Function function) {
        std::uint32_t lane = threadIdx.x;
        forget(lane);  // what a lane works out is for one phase: keeping it for others takes registers
        function(static_cast<int>(lane));
        __syncthreads();
    }
    __device__ std::uint32_t add(std::uint32_t* to, std::uint32_t number) { return atomicAdd(to, number); }
    __device__ std::uint64_t add(std::uint64_t* to, std::uint64_t number) {
        return atomicAdd(reinterpret_cast<unsigned long long*>(to), static_cast<unsigned long long>(number));
    }
    __device__ std::int64_t add(std::int64_t* to, std::int64_t number) {
        return static_cast<std::int64_t>(
            atomicAdd(reinterpret_cast<unsigned long long*>(to), static_cast<unsigned long long>(number)));
    }
    __device__ void forget(std::uint32_t& word) { asm volatile("" : "+r"(word)); }
    __device__ std::uint64_t peek(const std::uint64_t* from) {
        return *static_cast<const volatile std::uint64_t*>(from);
    }
    __device__ void lower(std::uint64_t* to, std::uint64_t number) {
        atomicMin(reinterpret_cast<unsigned long long*>(to), static_cast<unsigned long long>(number));
    }
    __device__ void raise(std::uint64_t* to, std::uint64_t number) {
        atomicMax(reinterpret_cast<unsigned long long*>(to), static_cast<unsigned long long>(number));
    }
};

template <int Alternatives>
__global__ void __launch_bounds__(most_lanes, blocks_per_multiprocessor)
    simulate_kernel(const __grid_constant__ Launch launch) {
    extern __shared__ double shared_memory[];
    __shared__ std::uint32_t taken;
    const BlockMemory memory = block_memory(reinterpret_cast<std::byte*>(shared_memory), launch.run.shape.layout);
    DeviceGrid grid;
    for (;;) {
        if (threadIdx.x == 0) {
            taken = atomicAdd(launch.taken, 1U);
        }
        __syncthreads();
        if (taken >= launch.count) {
            return;
        }
        CustomerBlock<Alternatives, DeviceGrid>(grid, memory, launch.run, launch.input, launch.output,
                                                launch.first + taken)
            .simulate();
    }
}

using Kernel = void (*)(Launch);

/// Fewer kernels than numbers of alternatives: idle actions cost little, and every kernel has to be compiled.
constexpr Kernel kernels[] = {simulate_kernel<1>, simulate_kernel<2>, simulate_kernel<3>, simulate_kernel<5>,
                              simulate_kernel<9>};

Kernel kernel_for(int alternatives) {
    static_assert(max_alternatives == 9);
    return kernels[alternatives <= 3 ? alternatives - 1 : alternatives <= 5 ? 3 : 4];
}

}  // namespace

cudaError_t allow_shared_memory(std::size_t bytes) {
    for (const Kernel kernel : kernels) {
        const cudaError_t size =
            cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes));
        const cudaError_t share = cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout,
                                                       cudaSharedmemCarveoutMaxShared);
        if (size != cudaSuccess || share != cudaSuccess) {
            return size != cudaSuccess ? size : share;
        }
    }
    return cudaSuccess;
}

cudaError_t blocks_at_once(const BlockRun& run, int& blocks) {
    return cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel_for(run.law.action_count + 1),
                                                         static_cast<int>(run.shape.lanes), run.shape.layout.bytes);
}

cudaError_t start(const Launch& launch, unsigned blocks, cudaStream_t stream) {
    Launch parameter = launch;
    void* parameters[] = {&parameter};
    return cudaLaunchKernel(kernel_for(launch.run.law.action_count + 1), dim3(blocks), dim3(launch.run.shape.lanes),
                            parameters, launch.run.shape.layout.bytes, stream);
}

}  // namespace clv::cuda
