#include "clv/learning/clusters/ordered_clusters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "learning/clusters/table_check.hpp"

namespace clv {

namespace {

/// Different values in ascending order.
struct DistinctValues {
    std::vector<double> value;
    std::vector<std::int64_t> count;
};

DistinctValues distinct_values(std::span<const double> values) {
    std::vector<double> sorted(values.begin(), values.end());
    std::ranges::sort(sorted);
    throw_if_interrupted();
    DistinctValues distinct;
    for (const double value : sorted) {
        if (distinct.value.empty() || distinct.value.back() != value) {
            distinct.value.push_back(value + 0.0);  // one zero, whatever its sign
            distinct.count.push_back(0);
        }
        ++distinct.count.back();
    }
    return distinct;
}

/// Sums of squares within stretches of values, in units of the grid. Exact until the last division.
class SquaresWithin {
  public:
    explicit SquaresWithin(const DistinctValues& values) : through_(values.value.size() + 1) {
        const double middle = 0.5 * values.value.front() + 0.5 * values.value.back();
        const double reach = values.value.back() - middle;
        std::uint64_t all = 0;
        for (const std::int64_t count : values.count) {
            all += static_cast<std::uint64_t>(count);
        }
        // values below 2^bits, so that the sum of all is below 2^62, and count times the sum of squares below 2^124
        const int bits = std::min(52, 62 - static_cast<int>(std::bit_width(all)));
        int exponent = 0;
        (void)std::frexp(reach, &exponent);
        for (std::size_t i = 0; i < values.value.size(); ++i) {
            const std::int64_t count = values.count[i];
            const std::int64_t units = std::llrint(std::ldexp(values.value[i] - middle, bits - exponent));
            through_[i + 1] = {through_[i].squares + static_cast<Wide>(units) * units * count,
                               through_[i].sum + units * count, through_[i].count + count};
        }
    }

    /// Of values first..last.
    [[nodiscard]] double operator()(std::size_t first, std::size_t last) const noexcept {
        const Through& before = through_[first];
        const Through& until = through_[last + 1];
        const std::int64_t count = until.count - before.count;
        const std::int64_t sum = until.sum - before.sum;
        const Wide scaled = (until.squares - before.squares) * count - static_cast<Wide>(sum) * sum;
        return static_cast<double>(scaled) / static_cast<double>(count);
    }

  private:
    __extension__ using Wide = __int128;
    /// What the first values have in all.
    struct Through {
        Wide squares = 0;
        std::int64_t sum = 0;
        std::int64_t count = 0;
    };
    std::vector<Through> through_;
};

/// D and where last clusters begin, one number of clusters after the other.
class OrderedSearch {
  public:
    OrderedSearch(const SquaresWithin& within, std::size_t values, std::size_t clusters)
        : within_(within), least_(values), previous_(values), begin_(clusters) {
        for (std::size_t j = 0; j < values; ++j) {
            least_[j] = within_(0, j);
        }
        for (std::size_t q = 1; q < clusters; ++q) {
            std::swap(least_, previous_);
            begin_[q].resize(values);
            const std::size_t first = q + 1 < clusters ? q : values - 1;  // of all clusters, only the whole matters
            fill(q, first, values - 1, q, values - 1);
        }
    }

    /// Where each cluster of the best ones begins.
    [[nodiscard]] std::vector<std::size_t> begins() const {
        std::vector<std::size_t> begins(begin_.size(), 0);
        std::size_t last = least_.size() - 1;
        for (std::size_t q = begin_.size() - 1; q > 0; --q) {
            begins[q] = begin_[q][last];
            last = begins[q] - 1;
        }
        return begins;
    }

  private:
    /// Values first_j..last_j, whose last of q + 1 clusters begins in first_i..last_i.
    void fill(std::size_t q, std::size_t first_j, std::size_t last_j, std::size_t first_i, std::size_t last_i) {
        constexpr std::size_t worth_a_look = 4'096;
        if (last_j - first_j > worth_a_look) {
            throw_if_interrupted();
        }
        const std::size_t j = first_j + (last_j - first_j) / 2;
        double least = std::numeric_limits<double>::infinity();
        std::size_t at = std::min(last_i, j);
        for (std::size_t i = at; i >= first_i; --i) {
            const double last_cluster = within_(i, j);
            if (last_cluster >= least) {
                break;  // it only grows
            }
            if (last_cluster + previous_[i - 1] < least) {
                least = last_cluster + previous_[i - 1];
                at = i;
            }
        }
        least_[j] = least;
        begin_[q][j] = static_cast<std::uint32_t>(at);
        if (j > first_j) {
            fill(q, first_j, j - 1, first_i, at);
        }
        if (j < last_j) {
            fill(q, j + 1, last_j, at, last_i);
        }
    }

    const SquaresWithin& within_;
    std::vector<double> least_;                      ///< [value]: D of the first values up to this one
    std::vector<double> previous_;                   ///< of one cluster fewer
    std::vector<std::vector<std::uint32_t>> begin_;  ///< [clusters - 1][value]
};

}  // namespace

std::uint32_t cluster_at(std::span<const double> breaks, double value) {
    return static_cast<std::uint32_t>(std::ranges::upper_bound(breaks, value) - breaks.begin());
}

OrderedClusters ordered_clusters(std::span<const double> values, std::size_t clusters) {
    if (clusters == 0) {
        throw ConfigError("values need at least 1 cluster (clusters)");
    }
    check_table(values, 1);
    const DistinctValues distinct = distinct_values(values);
    const std::size_t count = distinct.value.size();
    if (clusters > count || count > std::numeric_limits<std::uint32_t>::max()) {
        throw InputError(fmt::format(
            "{} clusters of {} different values: ask for no more clusters than values differ (clusters), and for no "
            "more than 2^32 - 1 different values",
            clusters, count));
    }
    const std::vector<std::size_t> begins = OrderedSearch(SquaresWithin(distinct), count, clusters).begins();
    OrderedClusters result;
    for (std::size_t q = 0; q < clusters; ++q) {
        const std::size_t end = q + 1 < clusters ? begins[q + 1] : count;
        const double first = distinct.value[begins[q]];
        double gaps = 0.0;
        double size = 0.0;
        for (std::size_t i = begins[q]; i < end; ++i) {
            gaps += static_cast<double>(distinct.count[i]) * (distinct.value[i] - first);
            size += static_cast<double>(distinct.count[i]);
        }
        const double mean = first + gaps / size;
        for (std::size_t i = begins[q]; i < end; ++i) {
            const double gap = distinct.value[i] - mean;
            result.inertia += static_cast<double>(distinct.count[i]) * gap * gap;
        }
        result.mean.push_back(mean);
        result.size.push_back(static_cast<std::size_t>(size));
        if (q > 0) {
            result.breaks.push_back(first);
        }
    }
    result.label.resize(values.size());
    in_stretches(values.size(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            result.label[i] = cluster_at(result.breaks, values[i]);
        }
    });
    return result;
}

}  // namespace clv
