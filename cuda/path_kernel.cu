// The subscription law on a GPU: one thread per customer and path runs the same function as the host loop.

#include "clv/paths/subscription_path.hpp"
#include "path_kernel.hpp"

namespace clv::cuda {

namespace {

constexpr unsigned threads_per_block = 128;
/// 64 registers a thread, or 80 where more alternatives are alive than that holds.
constexpr unsigned blocks_per_multiprocessor(int alternatives) {
    return alternatives > 6 ? 6 : 8;
}

struct DeviceSink {
    const BatchView& batch;
    const SubscriptionRun& run;
    const SubscriptionCustomer& customer;
    std::size_t index;
    std::uint32_t path;

    // + 0.0: a quantile must not depend on which of two equal zeros was sorted first
    __device__ void value(int alternative, std::uint32_t to, double value) const {
        batch.value[(index * batch.alternatives + alternative) * run.paths + to] = value + 0.0;
    }
    __device__ void active(int alternative, int months) const {
        atomicAdd(&batch.active_months[(index * batch.alternatives + alternative) * (run.horizon_months + 1) + months],
                  1U);
    }
    __device__ void paid(int months) const {
        atomicAdd(&batch.paid_months[index * (run.horizon_months + 1) + months], 1U);
    }
    __device__ void month(int month, float growth, bool pays) const {
        if (batch.cash != nullptr && pays) {
            const double revenue = batch.revenue[index * run.horizon_months + month - 1] * static_cast<double>(growth);
            batch.cash[index * grouped_entries(run.paths, run.horizon_months) +
                       grouped_index(path, month, run.horizon_months)] =
                customer.margin * revenue - customer.retention_cost;
        }
    }
};

template <int Alternatives>
__global__ void __launch_bounds__(threads_per_block, blocks_per_multiprocessor(Alternatives))
    simulate_kernel(BatchView batch) {
    const std::size_t index = blockIdx.y;
    const SubscriptionRun& run = batch.runs[batch.run_index[index]];
    const std::uint32_t path = blockIdx.x * threads_per_block + threadIdx.x;
    if (path >= run.paths) {
        return;
    }
    const SubscriptionCustomer& customer = batch.customers[index];
    DeviceSink sink{batch, run, customer, index, path};
    simulate_paths<float, Alternatives>(run, customer, path, 1, sink);
}

}  // namespace

cudaError_t start_simulation(const BatchView& batch, std::uint32_t customers, std::uint32_t paths) {
    static_assert(max_alternatives == 9);
    using Kernel = void (*)(BatchView);
    constexpr Kernel kernels[] = {simulate_kernel<1>, simulate_kernel<2>, simulate_kernel<3>,
                                  simulate_kernel<4>, simulate_kernel<5>, simulate_kernel<6>,
                                  simulate_kernel<7>, simulate_kernel<8>, simulate_kernel<9>};
    const dim3 grid((paths + threads_per_block - 1) / threads_per_block, customers);
    kernels[batch.alternatives - 1]<<<grid, threads_per_block>>>(batch);
    return cudaGetLastError();
}

}  // namespace clv::cuda
