#pragma once
// k-means in one dimension, exactly: clusters of sorted values are stretches of them, so the best ones are found by
// dynamic programming (natural breaks).
//
//   Algorithm   With the first j values in q clusters, the last of which begins at i,
//     D[q][j] = min over i of D[q - 1][i - 1] + the sum of squares within i..j.
//   The best i does not fall as j grows: each half of the j's has only part of the i's to look at, O(k n log n) in all.
//   Values are whole numbers of a fine grid about their middle, so that sums of squares within are exact.
//
//   Citation    Wang and Song, "Ckmeans.1d.dp: optimal k-means clustering in one dimension by dynamic programming", The
//   R Journal 3/2, 2011; Fisher, "On grouping for maximum homogeneity", JASA 53, 1958.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clv {

struct OrderedClusters {
    std::vector<std::uint32_t> label;  ///< [value], in the order of input: 0 has the lowest values
    std::vector<double> breaks;        ///< smallest value of every cluster but the first
    std::vector<double> mean;          ///< [cluster]
    std::vector<std::size_t> size;     ///< [cluster]: values
    double inertia = 0.0;              ///< sum of squares within clusters
};

/// The clusters with the least sum of squares; equal values are in one. Memory: 4 bytes for every different value and
/// cluster. Throws ConfigError for no clusters, and InputError for values that are not finite or beyond 1e150, or of
/// which fewer are different.
[[nodiscard]] OrderedClusters ordered_clusters(std::span<const double> values, std::size_t clusters);

/// The cluster of a value: how many breaks do not exceed it.
[[nodiscard]] std::uint32_t cluster_at(std::span<const double> breaks, double value);

}  // namespace clv
