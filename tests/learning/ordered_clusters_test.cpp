// Clusters in one dimension against exhaustive search, and against dynamic programming that looks everywhere.

#include "clv/learning/clusters/ordered_clusters.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "learning/random_tables.hpp"

namespace clv {
namespace {

double squares_within(const std::vector<double>& sorted, std::size_t begin, std::size_t end) {
    double mean = 0.0;
    for (std::size_t i = begin; i < end; ++i) {
        mean += (sorted[i] - sorted[begin]) / static_cast<double>(end - begin);
    }
    double sum = 0.0;
    for (std::size_t i = begin; i < end; ++i) {
        sum += std::pow(sorted[i] - sorted[begin] - mean, 2);
    }
    return sum;
}

/// Every way to cut sorted values, one after the other.
double least_by_all_cuts(const std::vector<double>& sorted, std::size_t begin, std::size_t clusters) {
    if (clusters == 1) {
        return squares_within(sorted, begin, sorted.size());
    }
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t end = begin + 1; end + clusters <= sorted.size() + 1; ++end) {
        least = std::min(least, squares_within(sorted, begin, end) + least_by_all_cuts(sorted, end, clusters - 1));
    }
    return least;
}

/// D of every number of clusters up to `clusters`, with no i left out.
double least_by_full_programme(const std::vector<double>& sorted, std::size_t clusters) {
    const std::size_t count = sorted.size();
    std::vector<double> least(count + 1, std::numeric_limits<double>::infinity());
    least[0] = 0.0;
    for (std::size_t q = 0; q < clusters; ++q) {
        std::vector<double> next(count + 1, std::numeric_limits<double>::infinity());
        for (std::size_t end = 1; end <= count; ++end) {
            for (std::size_t begin = 0; begin < end; ++begin) {
                next[end] = std::min(next[end], least[begin] + squares_within(sorted, begin, end));
            }
        }
        least = next;
    }
    return least[count];
}

/// Inertia, means, sizes and breaks are those of the labels.
void expect_consistent(const OrderedClusters& result, const std::vector<double>& values) {
    double inertia = 0.0;
    for (std::size_t k = 0; k < result.mean.size(); ++k) {
        std::vector<double> members;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (result.label[i] == k) {
                members.push_back(values[i]);
            }
        }
        std::ranges::sort(members);
        ASSERT_EQ(members.size(), result.size[k]);
        ASSERT_FALSE(members.empty());
        inertia += squares_within(members, 0, members.size());
        EXPECT_NEAR(std::accumulate(members.begin(), members.end(), 0.0) / static_cast<double>(members.size()),
                    result.mean[k], 1e-9 * std::max(1.0, std::abs(members.back())));
        if (k > 0) {
            EXPECT_EQ(members.front(), result.breaks[k - 1]);
        }
    }
    EXPECT_NEAR(result.inertia, inertia, 1e-12 * std::max(1.0, inertia));
}

TEST(OrderedClusters, AsPublished) {
    // Wang and Song 2011, the example of Ckmeans.1d.dp's manual
    const std::vector<double> values{-1, 2, -1, 2, 4, 5, 6, -1, 2, -1};
    const OrderedClusters result = ordered_clusters(values, 3);
    EXPECT_EQ(result.label, (std::vector<std::uint32_t>{0, 1, 0, 1, 2, 2, 2, 0, 1, 0}));
    EXPECT_EQ(result.mean, (std::vector<double>{-1.0, 2.0, 5.0}));
    EXPECT_EQ(result.size, (std::vector<std::size_t>{4, 3, 3}));
    EXPECT_EQ(result.breaks, (std::vector<double>{2.0, 4.0}));
    EXPECT_EQ(result.inertia, 2.0);
}

TEST(OrderedClusters, AreTheBestOfAllCuts) {
    for (std::uint32_t sample = 0; sample < 400; ++sample) {
        const std::size_t count = 4 + sample % 8;
        const std::size_t clusters = 1 + sample % 4;
        std::vector<double> values = uniform_numbers(count, 2'000 + sample);
        switch (sample % 3) {
            case 0:  // ties
                std::ranges::transform(values, values.begin(), [](double u) { return std::floor(8.0 * u); });
                break;
            case 1:  // heavy tail
                std::ranges::transform(values, values.begin(), [](double u) { return std::pow(u, -3.0); });
                break;
            default:
                break;
        }
        std::vector<double> sorted = values;
        std::ranges::sort(sorted);
        if (std::set(values.begin(), values.end()).size() < clusters) {
            EXPECT_THROW((void)ordered_clusters(values, clusters), InputError);
            continue;
        }
        const OrderedClusters result = ordered_clusters(values, clusters);
        const double least = least_by_all_cuts(sorted, 0, clusters);
        EXPECT_NEAR(result.inertia, least, 1e-12 * std::max(1.0, least)) << sample;
        expect_consistent(result, values);
    }
}

TEST(OrderedClusters, OfManyValuesAreTheBest) {
    for (const std::size_t clusters : {2U, 5U, 9U}) {
        std::vector<double> values = uniform_numbers(150, 31);
        std::ranges::transform(values, values.begin(), [](double u) { return -std::log(u); });
        const OrderedClusters result = ordered_clusters(values, clusters);
        expect_consistent(result, values);
        std::ranges::sort(values);
        const double least = least_by_full_programme(values, clusters);
        EXPECT_NEAR(result.inertia, least, 1e-12 * least);
    }
}

TEST(OrderedClusters, TightClustersFarApartAreSeen) {
    // in plain sums of squares, 1e12 apart from zero, the gaps of a thousandth would be lost
    std::vector<double> values;
    for (const double centre : {-1e6, 1e6}) {
        for (int i = 0; i < 500; ++i) {
            values.push_back(centre + (i % 2 == 0 ? 0.0 : 1e-3) + 1e-5 * (i % 7));
        }
    }
    const OrderedClusters result = ordered_clusters(values, 4);
    EXPECT_EQ(result.size, (std::vector<std::size_t>{250, 250, 250, 250}));
    expect_consistent(result, values);
    EXPECT_LT(result.inertia, 1'000 * 1e-8);
}

TEST(OrderedClusters, FarFromZeroNothingIsLost) {
    const double base = 0x1p42;
    const OrderedClusters result = ordered_clusters(
        std::vector{base + 0.75, base, base + 0.5, base + 0.25, base + 3.0, base + 2.5, base + 0.125}, 3);
    EXPECT_EQ(result.label, (std::vector<std::uint32_t>{1, 0, 1, 0, 2, 2, 0}));
    EXPECT_EQ(result.mean, (std::vector<double>{base + 0.125, base + 0.625, base + 2.75}));
    EXPECT_EQ(result.inertia, 0.03125 + 0.03125 + 0.125);
}

TEST(OrderedClusters, ThereIsOneZero) {
    const OrderedClusters low = ordered_clusters(std::vector{-0.0, 0.0, 0.0, -5.0}, 2);
    const OrderedClusters high = ordered_clusters(std::vector{0.0, -0.0, -5.0, -0.0}, 2);
    EXPECT_EQ(low.size, (std::vector<std::size_t>{1, 3}));
    EXPECT_FALSE(std::signbit(low.breaks[0]));
    EXPECT_FALSE(std::signbit(high.breaks[0]));
}

TEST(OrderedClusters, OrderDoesNotShow) {
    std::vector<double> values = uniform_numbers(2'000, 33);
    values[3] = 0.0;
    values[4] = -0.0;
    const OrderedClusters straight = ordered_clusters(values, 6);
    const std::vector<std::size_t> order = shuffled_order(values.size(), 34);
    const OrderedClusters shuffled = ordered_clusters(rows_in_order(values, 1, order), 6);
    EXPECT_EQ(shuffled.breaks, straight.breaks);
    EXPECT_EQ(shuffled.inertia, straight.inertia);
    for (std::size_t i = 0; i < order.size(); ++i) {
        ASSERT_EQ(shuffled.label[i], straight.label[order[i]]);
    }
}

TEST(OrderedClusters, BreaksPlaceNewValues) {
    const std::vector<double> breaks{2.0, 4.0};
    EXPECT_EQ(cluster_at(breaks, 1.9), 0U);
    EXPECT_EQ(cluster_at(breaks, 2.0), 1U);
    EXPECT_EQ(cluster_at(breaks, 3.9), 1U);
    EXPECT_EQ(cluster_at(breaks, 4.0), 2U);
    EXPECT_EQ(cluster_at({}, 4.0), 0U);
}

TEST(OrderedClusters, ExtremesAndRefusals) {
    EXPECT_EQ(ordered_clusters(std::vector{7.0, 7.0}, 1).inertia, 0.0);
    EXPECT_EQ(ordered_clusters(std::vector{-1e150, 1e150, 0.0}, 2).size.size(), 2U);
    EXPECT_EQ(ordered_clusters(std::vector{1e-310, 3e-310, 0.0}, 3).breaks, (std::vector<double>{1e-310, 3e-310}));
    EXPECT_EQ(ordered_clusters(std::vector{3.0, 1.0, 2.0}, 3).label, (std::vector<std::uint32_t>{2, 0, 1}));
    EXPECT_THROW((void)ordered_clusters(std::vector{1.0}, 0), ConfigError);
    EXPECT_THROW((void)ordered_clusters(std::vector{1.0, 1.0}, 2), InputError);
    EXPECT_THROW((void)ordered_clusters({}, 1), InputError);
    EXPECT_THROW((void)ordered_clusters(std::vector{1.0, std::nan("")}, 1), InputError);
    request_interruption();
    EXPECT_THROW((void)ordered_clusters(std::vector{1.0, 2.0}, 1), Interrupted);
    clear_interruption();
}

}  // namespace
}  // namespace clv
