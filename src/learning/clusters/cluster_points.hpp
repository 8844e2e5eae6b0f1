#pragma once
// The rows of a table as k-means sees them: in an order of their own, equal ones together, and samples of them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clv {

/// Different rows in ascending order, by columns.
struct ClusterPoints {
    std::size_t columns = 0;
    std::vector<double> centre;  ///< [column]: mean of all rows. Small numbers lose less when they are squared
    std::vector<double> values;  ///< [column][point], less the centre
    std::vector<double> weight;  ///< [point]: how many rows it is

    [[nodiscard]] std::size_t size() const noexcept { return weight.size(); }
    [[nodiscard]] const double* column(std::size_t c) const noexcept { return values.data() + c * size(); }
    /// Squared distance of a point to a centroid.
    [[nodiscard]] double squared_distance(std::size_t point, const double* centroid) const noexcept;
};

struct PointsOfRows {
    ClusterPoints points;
    std::vector<std::uint32_t> point;  ///< [row]
};

/// Throws InputError for a table that is no table of finite numbers.
[[nodiscard]] PointsOfRows points_of_rows(std::span<const double> values, std::size_t columns);

/// A point in a sample, and how many rows it stands for there.
struct SampledPoint {
    std::size_t point;
    double weight;
};

/// One row drawn from each of `count` equal parts of all rows, in their order: weighted by how often it was drawn.
/// `stream` tells samples apart.
[[nodiscard]] std::vector<SampledPoint> sample_rows(std::span<const double> weight, std::size_t count,
                                                    std::uint64_t seed, std::uint32_t stream);

/// `count` rows drawn by half for their number and by half for their squared distance to the centre, and weighted so
/// that sums over all rows are expected: those that are far out matter most to sums of squares, and few though they
/// are, they are there (Bachem, Lucic and Krause 2018).
[[nodiscard]] ClusterPoints lightweight_coreset(const ClusterPoints& points, std::size_t count, std::uint64_t seed);

[[nodiscard]] ClusterPoints take_points(const ClusterPoints& points, std::span<const SampledPoint> sample);

/// In [0, 1): number `draw` of restart `restart`, of k-means with so many clusters.
[[nodiscard]] double restart_draw(std::uint64_t seed, std::size_t restart, std::size_t clusters, std::size_t draw);

/// sums[i] += (values[i] - centre)^2.
void add_squared_gaps(const double* values, std::size_t count, double centre, double* sums);

}  // namespace clv
