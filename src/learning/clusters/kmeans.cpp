#include "clv/learning/clusters/kmeans.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"
#include "learning/clusters/cluster_points.hpp"
#include "learning/clusters/partition.hpp"
#include "learning/clusters/silhouette.hpp"

namespace clv {

namespace {

constexpr std::size_t most_restarts = 10'000;

void check_settings(const KMeansSettings& settings, std::size_t clusters) {
    if (clusters == 0) {
        throw ConfigError("k-means needs at least 1 cluster (clusters)");
    }
    if (settings.restarts == 0 || settings.restarts > most_restarts) {
        throw ConfigError(
            fmt::format("k-means has {} restarts: give 1 to {} (restarts)", settings.restarts, most_restarts));
    }
    if (settings.most_iterations == 0) {
        throw ConfigError("k-means needs at least 1 iteration (most_iterations)");
    }
}

void check_clusters(const ClusterPoints& points, std::size_t clusters) {
    if (clusters > points.size()) {
        throw InputError(
            fmt::format("{} clusters of {} different rows: ask for no more clusters than rows differ (clusters)",
                        clusters, points.size()));
    }
}

/// Clusters in ascending order of their centroids.
void put_in_order(Partition& partition, std::size_t columns) {
    std::vector<std::size_t> order(partition.clusters);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto centroid = [&](std::size_t k) { return std::span(partition.centroids).subspan(k * columns, columns); };
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        return std::ranges::lexicographical_compare(centroid(a), centroid(b));
    });
    std::vector<double> centroids;
    std::vector<std::uint32_t> place(partition.clusters);
    for (std::size_t k = 0; k < order.size(); ++k) {
        place[order[k]] = static_cast<std::uint32_t>(k);
        centroids.insert(centroids.end(), centroid(order[k]).begin(), centroid(order[k]).end());
    }
    partition.centroids = std::move(centroids);
    for (std::uint32_t& label : partition.label) {
        label = place[label];
    }
}

/// A table ready to be clustered, with as many clusters as one likes.
class KMeansSearch {
  public:
    KMeansSearch(std::span<const double> values, std::size_t columns, const KMeansSettings& settings)
        : settings_(settings), rows_(points_of_rows(values, columns)) {
        if (rows_.points.size() > most_restarted_rows) {
            sample_ = lightweight_coreset(rows_.points, most_restarted_rows, settings.seed);
        }
    }

    /// All points.
    [[nodiscard]] const ClusterPoints& points() const noexcept { return rows_.points; }
    /// What restarts see.
    [[nodiscard]] const ClusterPoints& restarted() const noexcept { return sample_ ? *sample_ : rows_.points; }

    /// Of all points: the best of all restarts, of equal ones the first; after a sample with one look at all points.
    [[nodiscard]] Partition restart(std::size_t clusters) const {
        std::vector<Partition> ended(settings_.restarts);
        for_each_block(settings_.threads, ended.size(), [&](std::size_t /*slot*/, std::size_t r) {
            ended[r] = seeded_partition(restarted(), clusters, settings_.seed, r);
            run_lloyd_and_hartigan(restarted(), ended[r], settings_.most_iterations, 1);
        });
        Partition best = std::move(*std::ranges::min_element(ended, {}, &Partition::inertia));
        if (sample_) {
            best.label.clear();
            run_lloyd(points(), best, best.iterations + 1, settings_.threads);
        }
        put_in_order(best, points().columns);
        return best;
    }

    /// What becomes of a restart.
    [[nodiscard]] KMeans finish(Partition partition) const {
        if (sample_) {
            run_lloyd(points(), partition, partition.iterations + settings_.most_iterations, settings_.threads);
        }
        return result_of(std::move(partition));
    }

    [[nodiscard]] KMeans result_of(Partition partition) const {
        const std::size_t columns = points().columns;
        put_in_order(partition, columns);
        KMeans result;
        result.label.resize(rows_.point.size());
        std::ranges::transform(rows_.point, result.label.begin(),
                               [&](std::uint32_t point) { return partition.label[point]; });
        const Silhouette silhouette =
            mean_silhouette(points(), partition.label, partition.clusters, settings_.seed, settings_.threads);
        for (std::size_t at = 0; at < partition.centroids.size(); ++at) {
            result.centroids.push_back(partition.centroids[at] + points().centre[at % columns]);
        }
        result.inertia = partition.inertia;
        result.iterations = partition.iterations;
        result.converged = partition.converged;
        result.silhouette = silhouette.mean;
        result.silhouette_is_exact = silhouette.is_exact;
        return result;
    }

  private:
    const KMeansSettings& settings_;
    PointsOfRows rows_;
    std::optional<ClusterPoints> sample_;
};

}  // namespace

KMeans kmeans(std::span<const double> values, std::size_t columns, const KMeansSettings& settings) {
    check_settings(settings, settings.clusters);
    const KMeansSearch search(values, columns, settings);
    check_clusters(search.points(), settings.clusters);
    return search.finish(search.restart(settings.clusters));
}

KMeans kmeans_from(std::span<const double> values, std::size_t columns, std::span<const double> centroids,
                   const KMeansSettings& settings) {
    check_settings(settings, settings.clusters);
    if (centroids.size() != settings.clusters * columns ||
        !std::ranges::all_of(centroids, [](double value) { return std::isfinite(value); })) {
        throw InputError(fmt::format("k-means from given centroids needs {} x {} finite numbers, one row a cluster",
                                     settings.clusters, columns));
    }
    const KMeansSearch search(values, columns, settings);
    check_clusters(search.points(), settings.clusters);
    Partition partition;
    partition.clusters = settings.clusters;
    for (std::size_t at = 0; at < centroids.size(); ++at) {
        partition.centroids.push_back(centroids[at] - search.points().centre[at % columns]);
    }
    run_lloyd(search.points(), partition, settings.most_iterations, settings.threads);
    return search.result_of(std::move(partition));
}

ChosenKMeans choose_kmeans(std::span<const double> values, std::size_t columns, std::size_t least, std::size_t most,
                           const KMeansSettings& settings) {
    check_settings(settings, least);
    if (least < 2 || most < least) {
        throw ConfigError(
            fmt::format("the number of clusters is to be chosen from {} to {}: give at least 2, and the smaller first",
                        least, most));
    }
    const KMeansSearch search(values, columns, settings);
    check_clusters(search.points(), least);
    ChosenKMeans chosen;
    Partition best;
    double highest = -2.0;  // below any silhouette
    for (std::size_t clusters = least; clusters <= std::min(most, search.restarted().size()); ++clusters) {
        Partition partition = search.restart(clusters);
        const double silhouette =
            mean_silhouette(search.points(), partition.label, clusters, settings.seed, settings.threads).mean;
        chosen.tried.push_back({clusters, silhouette, partition.inertia});
        if (silhouette > highest) {
            highest = silhouette;
            best = std::move(partition);
        }
    }
    chosen.best = search.finish(std::move(best));
    return chosen;
}

}  // namespace clv
