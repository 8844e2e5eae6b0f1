#include "learning/clusters/cluster_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "clv/core/errors.hpp"
#include "clv/core/instruction_clones.hpp"
#include "clv/core/progress.hpp"
#include "clv/random/philox.hpp"
#include "learning/clusters/table_check.hpp"

namespace clv {

namespace {

constexpr std::uint32_t sample_index = (1U << 24) - 1;

/// Rows in ascending order. Most pairs of rows differ in their first number, which therefore stands beside the row.
std::vector<std::uint32_t> sorted_rows(std::span<const double> values, std::size_t columns) {
    struct Key {
        double first;
        std::uint32_t row;
    };
    std::vector<Key> keys(values.size() / columns);
    for (std::size_t row = 0; row < keys.size(); ++row) {
        keys[row] = {values[row * columns], static_cast<std::uint32_t>(row)};
    }
    std::ranges::sort(keys, [&](const Key& a, const Key& b) {
        if (a.first != b.first) {
            return a.first < b.first;
        }
        return std::ranges::lexicographical_compare(values.subspan(a.row * columns, columns),
                                                    values.subspan(b.row * columns, columns));
    });
    std::vector<std::uint32_t> rows(keys.size());
    std::ranges::transform(keys, rows.begin(), &Key::row);
    return rows;
}

/// In [0, 1).
double unit_draw(std::uint32_t c0, std::uint32_t c1, std::uint32_t c2, std::uint64_t seed) {
    const PhiloxBlock<std::uint32_t> block =
        philox<std::uint32_t>(c0, c1, c2, 0, static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
    const std::uint64_t word = static_cast<std::uint64_t>(block.word[0]) << 32 | block.word[1];
    return static_cast<double>(word >> 11) * 0x1p-53;
}

CLV_CLONES void add_squared_gaps_lanes(const double* values, std::size_t count, double centre, double* sums) {
    for (std::size_t i = 0; i < count; ++i) {
        const double gap = values[i] - centre;
        sums[i] += gap * gap;
    }
}

}  // namespace

double ClusterPoints::squared_distance(std::size_t point, const double* centroid) const noexcept {
    double sum = 0.0;
    for (std::size_t c = 0; c < columns; ++c) {
        const double gap = column(c)[point] - centroid[c];
        sum += gap * gap;
    }
    return sum;
}

PointsOfRows points_of_rows(std::span<const double> values, std::size_t columns) {
    check_table(values, columns);
    if (values.size() / columns >= std::numeric_limits<std::uint32_t>::max()) {
        throw InputError(fmt::format("{} rows are too many to cluster: the most are 2^32 - 2, so cluster a sample",
                                     values.size() / columns));
    }
    const std::vector<std::uint32_t> rows = sorted_rows(values, columns);
    throw_if_interrupted();
    PointsOfRows result;
    ClusterPoints& points = result.points;
    points.columns = columns;
    result.point.resize(rows.size());
    std::vector<std::uint32_t> first;  // row of every point
    for (const std::uint32_t row : rows) {
        const auto numbers = values.subspan(row * columns, columns);
        if (first.empty() || !std::ranges::equal(numbers, values.subspan(first.back() * columns, columns))) {
            first.push_back(row);
            points.weight.push_back(0.0);
        }
        points.weight.back() += 1.0;
        result.point[row] = static_cast<std::uint32_t>(first.size() - 1);
    }
    points.centre.resize(columns);
    points.values.resize(columns * first.size());
    for (std::size_t c = 0; c < columns; ++c) {
        throw_if_interrupted();
        double* column = points.values.data() + c * first.size();
        double sum = 0.0;
        for (std::size_t p = 0; p < first.size(); ++p) {
            column[p] = values[first[p] * columns + c];
            sum += points.weight[p] * column[p];
        }
        points.centre[c] = sum / static_cast<double>(rows.size());
        for (std::size_t p = 0; p < first.size(); ++p) {
            column[p] -= points.centre[c];
        }
    }
    return result;
}

std::vector<SampledPoint> sample_rows(std::span<const double> weight, std::size_t count, std::uint64_t seed,
                                      std::uint32_t stream) {
    const double part = std::accumulate(weight.begin(), weight.end(), 0.0) / static_cast<double>(count);
    std::vector<SampledPoint> sample;
    std::size_t at = 0;
    double through = weight[0];
    for (std::size_t j = 0; j < count; ++j) {
        const double within =
            unit_draw(draw_address(Purpose::clusters, sample_index), static_cast<std::uint32_t>(j), stream, seed);
        const double place = (static_cast<double>(j) + within) * part;
        while (place >= through && at + 1 < weight.size()) {
            through += weight[++at];
        }
        if (sample.empty() || sample.back().point != at) {
            sample.push_back({at, 0.0});
        }
        sample.back().weight += 1.0;
    }
    return sample;
}

ClusterPoints lightweight_coreset(const ClusterPoints& points, std::size_t count, std::uint64_t seed) {
    const std::vector<double> centre(points.columns, 0.0);  // points are less the centre
    std::vector<double> squares(points.size());
    double rows = 0.0;
    double all_squares = 0.0;
    for (std::size_t p = 0; p < points.size(); ++p) {
        squares[p] = points.squared_distance(p, centre.data());
        rows += points.weight[p];
        all_squares += points.weight[p] * squares[p];
    }
    std::vector<double> share(points.size());  // of the sample, in expectation
    for (std::size_t p = 0; p < points.size(); ++p) {
        share[p] = points.weight[p] * (all_squares > 0.0 ? 0.5 / rows + 0.5 * squares[p] / all_squares : 1.0 / rows);
    }
    std::vector<SampledPoint> sample = sample_rows(share, count, seed, 0);
    for (SampledPoint& one : sample) {
        one.weight *= points.weight[one.point] / (share[one.point] * static_cast<double>(count));
    }
    return take_points(points, sample);
}

ClusterPoints take_points(const ClusterPoints& points, std::span<const SampledPoint> sample) {
    ClusterPoints taken;
    taken.columns = points.columns;
    taken.centre = points.centre;
    taken.weight.resize(sample.size());
    taken.values.resize(points.columns * sample.size());
    std::ranges::transform(sample, taken.weight.begin(), &SampledPoint::weight);
    for (std::size_t c = 0; c < points.columns; ++c) {
        std::ranges::transform(sample, taken.values.begin() + static_cast<std::ptrdiff_t>(c * sample.size()),
                               [&](const SampledPoint& one) { return points.column(c)[one.point]; });
    }
    return taken;
}

double restart_draw(std::uint64_t seed, std::size_t restart, std::size_t clusters, std::size_t draw) {
    return unit_draw(draw_address(Purpose::clusters, static_cast<std::uint32_t>(restart)),
                     static_cast<std::uint32_t>(draw), static_cast<std::uint32_t>(clusters), seed);
}

void add_squared_gaps(const double* values, std::size_t count, double centre, double* sums) {
    add_squared_gaps_lanes(values, count, centre, sums);
}

}  // namespace clv
