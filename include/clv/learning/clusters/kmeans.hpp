#pragma once
// k-means: rows of a table in k clusters, so that the squares of the distances to the clusters' means have the least
// sum. Columns count as they come: standardise.hpp gives them equal say.
//
//   Algorithm
//     1. Seeds by k-means++: the next centroid is a row drawn in proportion to its squared distance to the nearest one.
//     2. Lloyd: every row goes to its nearest centroid, every centroid to the mean of its rows, until no label changes.
//        An empty cluster begins anew with the row that is farthest from its centroid.
//     3. Hartigan: a row moves where that lowers the sum of squares, its effect on both means counted; back to 2.
//     4. The best of several restarts. Of more than `most_restarted_rows` different rows, the restarts see a sample (a
//        lightweight coreset, in which rows far out are not missed), and Lloyd goes on with all rows from the best
//        one's centroids.
//   The silhouette of a row is (b - a) / max(a, b): a is its mean distance to the others of its cluster, b that to the
//   rows of the nearest other cluster; 0 for a row alone.
//
//   Citation    Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information Theory 28, 1982; Hartigan,
//   "Clustering Algorithms", 1975; Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007;
//   Bachem, Lucic and Krause, "Scalable k-means clustering via lightweight coresets", KDD 2018; Rousseeuw,
//   "Silhouettes", Journal of Computational and Applied Mathematics 20, 1987.
//
// Rows are sorted first and equal ones counted, and random draws have an address: a result depends neither on the order
// of rows nor on the number of threads.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clv {

/// Restarts see all rows where no more than this are different, else a sample of this size.
inline constexpr std::size_t most_restarted_rows = 32'768;
/// Silhouettes are exact where no more rows than this are different, else those of a sample of about this size.
inline constexpr std::size_t most_silhouette_rows = 4'096;

struct KMeansSettings {
    std::size_t clusters = 4;  ///< k, at least 1; choose_kmeans() does not look at it
    std::size_t restarts = 20;
    std::size_t most_iterations = 300;  ///< of each restart, and of what follows it
    std::uint64_t seed = 1;
    int threads = 0;  ///< 0: all
};

struct KMeans {
    std::vector<std::uint32_t> label;  ///< [row], in the order of input: its cluster
    std::vector<double> centroids;     ///< [cluster][column]: means, in ascending order by columns
    double inertia = 0.0;              ///< sum of squared distances of rows to their centroids
    std::size_t iterations = 0;        ///< of Lloyd, in the best restart and after it
    bool converged = false;            ///< no label changes any more
    double silhouette = 0.0;           ///< mean over rows; NaN for one cluster
    bool silhouette_is_exact = true;   ///< else from a sample
};

/// Clusters the rows of a row-major table, `columns` numbers each. Throws ConfigError for settings out of range, and
/// InputError for a table that is empty, not whole rows, has numbers that are not finite or beyond 1e150, or has fewer
/// different rows than clusters.
[[nodiscard]] KMeans kmeans(std::span<const double> values, std::size_t columns, const KMeansSettings& settings);

/// Lloyd alone, with all rows, from given centroids ([cluster][column]; settings.clusters of them): an earlier
/// clustering brought up to date. Throws as kmeans(), and InputError for centroids of another shape.
[[nodiscard]] KMeans kmeans_from(std::span<const double> values, std::size_t columns, std::span<const double> centroids,
                                 const KMeansSettings& settings);

/// What one number of clusters is worth; where restarts see a sample, after one iteration with all rows.
struct ClusterCount {
    std::size_t clusters;
    double silhouette;
    double inertia;
};

struct ChosenKMeans {
    KMeans best;
    std::vector<ClusterCount> tried;  ///< ascending in clusters
};

/// kmeans() with as many clusters, from `least` (at least 2) to `most`, as give the highest mean silhouette; of equal
/// ones the fewest. Ends before `most` where no more rows are different.
[[nodiscard]] ChosenKMeans choose_kmeans(std::span<const double> values, std::size_t columns, std::size_t least,
                                         std::size_t most, const KMeansSettings& settings);

}  // namespace clv
