#pragma once
// The body of a block (customer_block.hpp) on a GPU's threads: a persistent grid whose blocks take one customer after
// another until none is left.

#include "customer_block.hpp"
#include "path_kernel.hpp"

namespace clv::cuda {

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

/// All customers of a launch, together with the other blocks.
template <class Paths, class Run, class Batch>
__device__ __forceinline__ void take_customers(const Launch<Run, Batch>& launch) {
    extern __shared__ double shared_memory[];
    __shared__ std::uint32_t taken;
    BlockMemory memory = block_memory(reinterpret_cast<std::byte*>(shared_memory), launch.run.shape.layout);
    memory.kept = launch.run.kept == nullptr ? nullptr : launch.run.kept + blockIdx.x * kept_values(launch.run);
    DeviceGrid grid;
    for (;;) {
        if (threadIdx.x == 0) {
            taken = atomicAdd(launch.taken, 1U);
        }
        __syncthreads();
        if (taken >= launch.count) {
            return;
        }
        CustomerBlock<Paths, DeviceGrid>(grid, memory, launch.run, launch.input, launch.output, launch.first + taken)
            .simulate();
    }
}

template <class Kernel>
cudaError_t allow_shared_memory(Kernel kernel, std::size_t bytes) {
    const cudaError_t size =
        cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes));
    return size != cudaSuccess ? size
                               : cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout,
                                                      cudaSharedmemCarveoutMaxShared);
}

template <class Kernel>
cudaError_t blocks_at_once(Kernel kernel, const BlockShape& shape, int& blocks) {
    return cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, static_cast<int>(shape.lanes),
                                                         shape.layout.bytes);
}

template <class Kernel, class Run, class Batch>
cudaError_t start(Kernel kernel, const Launch<Run, Batch>& launch, unsigned blocks, cudaStream_t stream) {
    Launch<Run, Batch> parameter = launch;
    void* parameters[] = {&parameter};
    return cudaLaunchKernel(kernel, dim3(blocks), dim3(launch.run.shape.lanes), parameters,
                            launch.run.shape.layout.bytes, stream);
}

}  // namespace clv::cuda
