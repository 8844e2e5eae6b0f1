#pragma once
// The border between host code and the kernel.

#include <cuda_runtime_api.h>

#include <cstdint>

#include "clv/paths/subscription.hpp"

namespace clv::cuda {

/// Results of a batch on the device, each with the customer as its first index.
struct BatchView {
    const SubscriptionRun* runs;
    const std::uint32_t* run_index;
    const SubscriptionCustomer* customers;
    const double* revenue;         ///< [customer][month - 1]
    double* value;                 ///< [customer][alternative][path]
    std::uint32_t* paid_months;    ///< [customer][m]
    std::uint32_t* active_months;  ///< [customer][alternative][m]
    double* cash;                  ///< [customer][grouped_index]; null: not kept
    int alternatives;
};

/// Starts one thread per customer and path on the default stream.
[[nodiscard]] cudaError_t start_simulation(const BatchView& batch, std::uint32_t customers, std::uint32_t paths);

inline constexpr std::uint32_t most_customers_per_batch = 65'535;  // the grid's second dimension

}  // namespace clv::cuda
