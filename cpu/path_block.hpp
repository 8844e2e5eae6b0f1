#pragma once
// The part of the CPU backend that is compiled once per instruction set. Only raw pointers cross this border: a
// standard container instantiated here could end up in the baseline code of the program.

#include <cstdint>

#include "clv/paths/subscription.hpp"

namespace clv::cpu {

/// Where the paths of one customer go; layouts as in CustomerPaths.
struct PathBuffers {
    double* value[max_alternatives];
    std::uint32_t* active_months[max_alternatives];
    std::uint32_t* paid_months;
    double* cash;           ///< null: not kept
    const double* revenue;  ///< [month - 1]: expected revenue, not discounted
};

/// Simulates paths begin..end-1 of one customer.
using SimulateCustomer = void (*)(const SubscriptionRun&, const SubscriptionCustomer&, std::uint32_t begin,
                                  std::uint32_t end, const PathBuffers&);

void simulate_customer_baseline(const SubscriptionRun&, const SubscriptionCustomer&, std::uint32_t begin,
                                std::uint32_t end, const PathBuffers&);
void simulate_customer_avx2(const SubscriptionRun&, const SubscriptionCustomer&, std::uint32_t begin, std::uint32_t end,
                            const PathBuffers&);
void simulate_customer_avx512(const SubscriptionRun&, const SubscriptionCustomer&, std::uint32_t begin,
                              std::uint32_t end, const PathBuffers&);

}  // namespace clv::cpu
