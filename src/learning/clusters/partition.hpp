#pragma once
// Points in clusters, and the ways to make that better: k-means++, Lloyd and Hartigan.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "learning/clusters/cluster_points.hpp"

namespace clv {

struct Partition {
    std::size_t clusters = 0;
    std::vector<double> centroids;     ///< [cluster][column], less the points' centre
    std::vector<std::uint32_t> label;  ///< [point]; none before Lloyd
    double inertia = 0.0;
    std::size_t iterations = 0;
    bool converged = false;
};

/// Centroids by k-means++. Throws InputError where fewer points than clusters lie apart.
[[nodiscard]] Partition seeded_partition(const ClusterPoints& points, std::size_t clusters, std::uint64_t seed,
                                         std::size_t restart);

/// Lloyd until no label changes, or `most_iterations` are done in all. Throws as seeded_partition().
void run_lloyd(const ClusterPoints& points, Partition& partition, std::size_t most_iterations, int threads);

/// Lloyd and Hartigan in turn until neither changes anything.
void run_lloyd_and_hartigan(const ClusterPoints& points, Partition& partition, std::size_t most_iterations,
                            int threads);

}  // namespace clv
