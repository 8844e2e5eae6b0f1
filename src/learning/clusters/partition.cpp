#include "learning/clusters/partition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "clv/core/errors.hpp"
#include "clv/core/instruction_clones.hpp"
#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"

namespace clv {

namespace {

constexpr std::uint32_t no_label = std::numeric_limits<std::uint32_t>::max();
constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr std::size_t chunk = 1'024;  // points whose distances stay in the nearest cache
constexpr std::size_t most_parts = 256;

/// [i]: whether this cluster is nearer than the nearest so far, and then its distance and label.
CLV_CLONES void take_nearer(const double* square, std::size_t count, std::uint32_t cluster, double* nearest,
                            std::uint32_t* label) {
    for (std::size_t i = 0; i < count; ++i) {
        const bool is_nearer = square[i] < nearest[i];
        nearest[i] = is_nearer ? square[i] : nearest[i];
        label[i] = is_nearer ? cluster : label[i];
    }
}

[[noreturn]] void throw_too_few(std::size_t clusters) {
    throw InputError(
        fmt::format("the table has fewer than {} rows that lie apart: ask for fewer clusters (clusters)", clusters));
}

/// What a part of the points, or all of them, say of the clusters.
struct ClusterSums {
    std::vector<double> weight;  ///< [cluster]
    std::vector<double> sum;     ///< [cluster][column]
    std::size_t changed = 0;     ///< labels

    void clear(std::size_t clusters, std::size_t columns) {
        weight.assign(clusters, 0.0);
        sum.assign(clusters * columns, 0.0);
        changed = 0;
    }
    void add(const ClusterSums& part) {
        std::ranges::transform(weight, part.weight, weight.begin(), std::plus{});
        std::ranges::transform(sum, part.sum, sum.begin(), std::plus{});
        changed += part.changed;
    }
};

/// Iterations over the same points. Parts of the points, and the order in which their sums are added, depend on the
/// number of points alone.
class Lloyd {
  public:
    Lloyd(const ClusterPoints& points, Partition& partition, int threads)
        : points_(points), partition_(partition), threads_(threads) {
        const std::size_t chunks = (points.size() + chunk - 1) / chunk;
        const std::size_t chunks_per_part = (chunks + most_parts - 1) / most_parts;
        part_size_ = chunks_per_part * chunk;
        parts_.resize((points.size() + part_size_ - 1) / part_size_);
        partition.label.resize(points.size(), no_label);
    }

    /// Whether a label changed, and the centroids with it.
    bool iterate() {
        for_each_block(threads_, parts_.size(), [&](std::size_t /*slot*/, std::size_t part) {
            throw_if_interrupted();
            assign(part);
        });
        total_.clear(partition_.clusters, points_.columns);
        for (const ClusterSums& part : parts_) {
            total_.add(part);
        }
        if (total_.changed == 0) {
            return false;
        }
        while (std::ranges::find(total_.weight, 0.0) != total_.weight.end()) {
            fill_empty();
        }
        take_means();
        return true;
    }

    /// Of labels as they are.
    [[nodiscard]] const ClusterSums& sum_up() {
        total_.clear(partition_.clusters, points_.columns);
        for (std::size_t p = 0; p < points_.size(); ++p) {
            add(p, partition_.label[p], total_);
        }
        return total_;
    }

    void take_means() {
        for (std::size_t k = 0; k < partition_.clusters; ++k) {
            for (std::size_t c = 0; c < points_.columns; ++c) {
                const std::size_t at = k * points_.columns + c;
                partition_.centroids[at] = total_.sum[at] / total_.weight[k];
            }
        }
    }

  private:
    void add(std::size_t point, std::size_t cluster, ClusterSums& sums) const {
        const double weight = points_.weight[point];
        sums.weight[cluster] += weight;
        for (std::size_t c = 0; c < points_.columns; ++c) {
            sums.sum[cluster * points_.columns + c] += weight * points_.column(c)[point];
        }
    }

    /// Labels of one part, and its sums.
    void assign(std::size_t part) {
        std::array<double, chunk> square;
        std::array<double, chunk> nearest;
        std::array<std::uint32_t, chunk> label;
        ClusterSums& sums = parts_[part];
        sums.clear(partition_.clusters, points_.columns);
        const std::size_t end = std::min(points_.size(), (part + 1) * part_size_);
        for (std::size_t begin = part * part_size_; begin < end; begin += chunk) {
            const std::size_t count = std::min(chunk, end - begin);
            nearest.fill(infinite);
            label.fill(0);
            for (std::size_t k = 0; k < partition_.clusters; ++k) {
                square.fill(0.0);
                for (std::size_t c = 0; c < points_.columns; ++c) {
                    add_squared_gaps(points_.column(c) + begin, count, partition_.centroids[k * points_.columns + c],
                                     square.data());
                }
                take_nearer(square.data(), count, static_cast<std::uint32_t>(k), nearest.data(), label.data());
            }
            for (std::size_t i = 0; i < count; ++i) {
                std::uint32_t& before = partition_.label[begin + i];
                sums.changed += before != label[i] ? 1 : 0;
                before = label[i];
                add(begin + i, label[i], sums);
            }
        }
    }

    /// The farthest point leaves its cluster for the first empty one.
    void fill_empty() {
        double farthest = 0.0;
        std::size_t point = 0;
        for (std::size_t p = 0; p < points_.size(); ++p) {
            const double* centroid = &partition_.centroids[partition_.label[p] * points_.columns];
            const double square = points_.squared_distance(p, centroid);
            point = square > farthest ? p : point;
            farthest = std::max(square, farthest);
        }
        if (farthest == 0.0) {
            throw_too_few(partition_.clusters);
        }
        const auto empty = static_cast<std::size_t>(std::ranges::find(total_.weight, 0.0) - total_.weight.begin());
        partition_.label[point] = static_cast<std::uint32_t>(empty);
        for (std::size_t c = 0; c < points_.columns; ++c) {
            partition_.centroids[empty * points_.columns + c] = points_.column(c)[point];  // it is not far any more
        }
        (void)sum_up();
    }

    const ClusterPoints& points_;
    Partition& partition_;
    int threads_;
    std::size_t part_size_;
    std::vector<ClusterSums> parts_;
    ClusterSums total_;
};

double inertia_of(const ClusterPoints& points, const Partition& partition) {
    double sum = 0.0;
    for (std::size_t p = 0; p < points.size(); ++p) {
        const double* centroid = &partition.centroids[partition.label[p] * points.columns];
        sum += points.weight[p] * points.squared_distance(p, centroid);
    }
    return sum;
}

/// Moves each point in turn to the cluster where it costs least, if that is less than it costs now; a mean that gains
/// or loses the point goes with it. Whether one moved.
bool hartigan_pass(const ClusterPoints& points, Partition& partition, std::vector<double>& weight) {
    constexpr double rounding = 1e-12;  // more than it makes of equal numbers
    bool has_moved = false;
    const auto centroid = [&](std::size_t k) { return &partition.centroids[k * points.columns]; };
    for (std::size_t p = 0; p < points.size(); ++p) {
        const double w = points.weight[p];
        const std::size_t from = partition.label[p];
        if (weight[from] <= w * (1.0 + rounding)) {
            continue;  // alone
        }
        const double saved = w * weight[from] / (weight[from] - w) * points.squared_distance(p, centroid(from));
        double least = saved * (1.0 - rounding);
        std::size_t to = from;
        for (std::size_t k = 0; k < partition.clusters; ++k) {
            const double cost = w * weight[k] / (weight[k] + w) * points.squared_distance(p, centroid(k));
            if (k != from && cost < least) {
                least = cost;
                to = k;
            }
        }
        if (to == from) {
            continue;
        }
        for (std::size_t c = 0; c < points.columns; ++c) {
            const double value = points.column(c)[p];
            centroid(from)[c] += (centroid(from)[c] - value) * (w / (weight[from] - w));
            centroid(to)[c] += (value - centroid(to)[c]) * (w / (weight[to] + w));
        }
        weight[from] -= w;
        weight[to] += w;
        partition.label[p] = static_cast<std::uint32_t>(to);
        has_moved = true;
    }
    return has_moved;
}

/// The point at which `share` in [0, 1) of the mass lies below; its mass is not 0.
std::size_t point_at(const std::vector<double>& mass, double share) {
    const double place = share * std::accumulate(mass.begin(), mass.end(), 0.0);
    double through = 0.0;
    std::size_t at = 0;
    for (std::size_t p = 0; p < mass.size(); ++p) {
        if (mass[p] > 0.0) {
            at = p;
            through += mass[p];
            if (place < through) {
                break;
            }
        }
    }
    return at;
}

}  // namespace

Partition seeded_partition(const ClusterPoints& points, std::size_t clusters, std::uint64_t seed, std::size_t restart) {
    Partition partition;
    partition.clusters = clusters;
    std::vector<double> nearest(points.size(), infinite);
    std::vector<double> square(points.size());
    std::vector<double> mass = points.weight;
    for (std::size_t k = 0; k < clusters; ++k) {
        throw_if_interrupted();
        if (std::ranges::all_of(mass, [](double of_point) { return of_point == 0.0; })) {
            throw_too_few(clusters);
        }
        const std::size_t point = point_at(mass, restart_draw(seed, restart, clusters, k));
        std::ranges::fill(square, 0.0);
        for (std::size_t c = 0; c < points.columns; ++c) {
            const double value = points.column(c)[point];
            partition.centroids.push_back(value);
            add_squared_gaps(points.column(c), points.size(), value, square.data());
        }
        for (std::size_t p = 0; p < points.size(); ++p) {
            nearest[p] = std::min(nearest[p], square[p]);
            mass[p] = points.weight[p] * nearest[p];
        }
    }
    return partition;
}

void run_lloyd(const ClusterPoints& points, Partition& partition, std::size_t most_iterations, int threads) {
    Lloyd lloyd(points, partition, threads);
    partition.converged = false;
    while (!partition.converged && partition.iterations < most_iterations) {
        partition.converged = !lloyd.iterate();
        ++partition.iterations;
    }
    partition.inertia = inertia_of(points, partition);
}

void run_lloyd_and_hartigan(const ClusterPoints& points, Partition& partition, std::size_t most_iterations,
                            int threads) {
    run_lloyd(points, partition, most_iterations, threads);
    while (partition.converged) {
        throw_if_interrupted();
        Lloyd sums(points, partition, 1);
        std::vector<double> weight = sums.sum_up().weight;
        if (!hartigan_pass(points, partition, weight)) {
            break;
        }
        (void)sums.sum_up();
        sums.take_means();
        run_lloyd(points, partition, most_iterations, threads);
    }
}

}  // namespace clv
