#pragma once
// How well points sit in their clusters (Rousseeuw 1987).

#include <cstddef>
#include <cstdint>
#include <span>

#include "learning/clusters/cluster_points.hpp"

namespace clv {

struct Silhouette {
    double mean = 0.0;     ///< over rows; NaN for one cluster
    bool is_exact = true;  ///< else from a sample of every cluster
};

/// `label` [point] in 0..clusters - 1, none of them empty.
[[nodiscard]] Silhouette mean_silhouette(const ClusterPoints& points, std::span<const std::uint32_t> label,
                                         std::size_t clusters, std::uint64_t seed, int threads);

}  // namespace clv
