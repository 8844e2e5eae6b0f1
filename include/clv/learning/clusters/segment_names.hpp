#pragma once
// What clusters of customers are called, by where their medians stand beside those of all customers.
//
//                        churn at most the median    churn above it
//   value >= the median  VIP                         At-Risk High-Value
//   value below it       Steady                      Low-Value Transient
//
// Clusters of the same kind are numbered from the second on, in the order of rank: "Steady", "Steady 2".

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace clv {

/// Medians over the customers of a cluster, or over all.
struct CustomerMedians {
    double value;  ///< CLV, in currency
    double churn;  ///< probability of churn
};

struct SegmentName {
    std::string name;
    std::size_t rank;  ///< 1: the highest median value; of equal ones, the lower churn, then the earlier cluster
};

/// [cluster]. Throws InputError where a median is NaN.
[[nodiscard]] std::vector<SegmentName> name_segments(std::span<const CustomerMedians> clusters,
                                                     const CustomerMedians& all);

}  // namespace clv
