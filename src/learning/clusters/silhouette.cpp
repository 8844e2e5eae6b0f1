#include "learning/clusters/silhouette.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "clv/core/instruction_clones.hpp"
#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"
#include "clv/learning/clusters/kmeans.hpp"

namespace clv {

namespace {

constexpr std::size_t points_per_block = 64;

CLV_CLONES void take_roots(double* squares, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        squares[i] = std::sqrt(squares[i]);
    }
}

/// Points of one cluster after the other.
struct ClusteredSample {
    ClusterPoints points;
    std::vector<std::size_t> begin;  ///< [cluster], and the end of the last one
    std::vector<double> hits;        ///< [cluster]: rows in the sample
    std::vector<double> rows;        ///< [cluster]: rows in the table
    bool is_exact = true;
};

/// All points if they are few, else as many rows of every cluster, so that small clusters are seen as well.
ClusteredSample sample_clusters(const ClusterPoints& points, std::span<const std::uint32_t> label, std::size_t clusters,
                                std::uint64_t seed) {
    std::vector<std::vector<SampledPoint>> members(clusters);
    for (std::size_t p = 0; p < points.size(); ++p) {
        members[label[p]].push_back({p, points.weight[p]});
    }
    const bool takes_all = points.size() <= most_silhouette_rows;
    const std::size_t quota = std::max<std::size_t>(most_silhouette_rows / clusters, 2);
    ClusteredSample sample;
    std::vector<SampledPoint> taken;
    for (std::size_t k = 0; k < clusters; ++k) {
        std::vector<double> weight(members[k].size());
        std::ranges::transform(members[k], weight.begin(), &SampledPoint::weight);
        std::vector<SampledPoint> of_cluster = members[k];
        if (!takes_all && members[k].size() > quota) {
            sample.is_exact = false;
            of_cluster = sample_rows(weight, quota, seed, static_cast<std::uint32_t>(k + 1));
            for (SampledPoint& one : of_cluster) {
                one.point = members[k][one.point].point;
            }
        }
        sample.begin.push_back(taken.size());
        sample.rows.push_back(std::accumulate(weight.begin(), weight.end(), 0.0));
        sample.hits.push_back(std::accumulate(of_cluster.begin(), of_cluster.end(), 0.0,
                                              [](double sum, const SampledPoint& one) { return sum + one.weight; }));
        taken.insert(taken.end(), of_cluster.begin(), of_cluster.end());
    }
    sample.begin.push_back(taken.size());
    sample.points = take_points(points, taken);
    return sample;
}

/// Of the rows that are `point`, of cluster `own`. `distance` has room for every point of the sample.
double silhouette_of(const ClusteredSample& sample, std::size_t point, std::size_t own, std::vector<double>& distance) {
    if (sample.rows[own] <= 1.0) {
        return 0.0;
    }
    const ClusterPoints& points = sample.points;
    std::ranges::fill(distance, 0.0);
    for (std::size_t c = 0; c < points.columns; ++c) {
        add_squared_gaps(points.column(c), points.size(), points.column(c)[point], distance.data());
    }
    take_roots(distance.data(), distance.size());
    double within = 0.0;
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k + 1 < sample.begin.size(); ++k) {
        double sum = 0.0;
        for (std::size_t p = sample.begin[k]; p < sample.begin[k + 1]; ++p) {
            sum += points.weight[p] * distance[p];
        }
        if (k == own) {
            within = sum / (sample.hits[k] - 1.0);  // the others: its distance to itself is 0
        } else {
            nearest = std::min(nearest, sum / sample.hits[k]);
        }
    }
    const double larger = std::max(within, nearest);
    return larger > 0.0 ? (nearest - within) / larger : 0.0;
}

}  // namespace

Silhouette mean_silhouette(const ClusterPoints& points, std::span<const std::uint32_t> label, std::size_t clusters,
                           std::uint64_t seed, int threads) {
    if (clusters < 2) {
        return {std::numeric_limits<double>::quiet_NaN(), true};
    }
    const ClusteredSample sample = sample_clusters(points, label, clusters, seed);
    const std::size_t count = sample.points.size();
    std::vector<double> weighted((count + points_per_block - 1) / points_per_block, 0.0);
    for_each_block(threads, weighted.size(), [&](std::size_t /*slot*/, std::size_t block) {
        throw_if_interrupted();
        std::vector<double> distance(count);
        for (std::size_t p = block * points_per_block; p < std::min(count, (block + 1) * points_per_block); ++p) {
            const auto after = std::ranges::upper_bound(sample.begin, p);
            const auto own = static_cast<std::size_t>(after - sample.begin.begin()) - 1;
            const double rows = sample.points.weight[p] * sample.rows[own] / sample.hits[own];
            weighted[block] += rows * silhouette_of(sample, p, own, distance);
        }
    });
    const double rows = std::accumulate(points.weight.begin(), points.weight.end(), 0.0);
    return {std::accumulate(weighted.begin(), weighted.end(), 0.0) / rows, sample.is_exact};
}

}  // namespace clv
