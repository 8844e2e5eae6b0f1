// k-means against published figures, exhaustive search and its own definitions; and that neither the order of rows nor
// threads show.

#include "clv/learning/clusters/kmeans.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/learning/clusters/standardise.hpp"
#include "learning/iris.hpp"
#include "learning/random_tables.hpp"

namespace clv {
namespace {

KMeansSettings with_clusters(std::size_t clusters) {
    KMeansSettings settings;
    settings.clusters = clusters;
    settings.threads = 2;
    return settings;
}

double square_of_distance(std::span<const double> values, std::size_t columns, std::size_t a, std::size_t b) {
    double sum = 0.0;
    for (std::size_t c = 0; c < columns; ++c) {
        sum += std::pow(values[a * columns + c] - values[b * columns + c], 2);
    }
    return sum;
}

/// Sum of squares within clusters: of each, the squares of all its pairs over twice its size.
double inertia_by_pairs(std::span<const double> values, std::size_t columns, std::span<const std::uint32_t> label) {
    double sum = 0.0;
    for (std::size_t a = 0; a < label.size(); ++a) {
        const auto size = static_cast<double>(std::ranges::count(label, label[a]));
        for (std::size_t b = 0; b < label.size(); ++b) {
            if (label[a] == label[b]) {
                sum += 0.5 * square_of_distance(values, columns, a, b) / size;
            }
        }
    }
    return sum;
}

/// Of all ways to have `clusters` clusters.
double least_inertia(std::span<const double> values, std::size_t columns, std::size_t clusters) {
    const std::size_t rows = values.size() / columns;
    std::vector<std::uint32_t> label(rows, 0);
    double least = std::numeric_limits<double>::infinity();
    while (true) {
        if (std::set(label.begin(), label.end()).size() == clusters) {
            least = std::min(least, inertia_by_pairs(values, columns, label));
        }
        std::size_t row = 0;
        while (row < rows && ++label[row] == clusters) {
            label[row++] = 0;
        }
        if (row == rows) {
            return least;
        }
    }
}

/// Rousseeuw's definition, row by row.
double silhouette_by_pairs(std::span<const double> values, std::size_t columns, std::span<const std::uint32_t> label) {
    const std::size_t clusters = *std::ranges::max_element(label) + 1;
    double total = 0.0;
    for (std::size_t a = 0; a < label.size(); ++a) {
        std::vector<double> sum(clusters, 0.0);
        std::vector<double> size(clusters, 0.0);
        for (std::size_t b = 0; b < label.size(); ++b) {
            sum[label[b]] += std::sqrt(square_of_distance(values, columns, a, b));
            size[label[b]] += 1.0;
        }
        double other = std::numeric_limits<double>::infinity();
        for (std::size_t k = 0; k < clusters; ++k) {
            other = k == label[a] ? other : std::min(other, sum[k] / size[k]);
        }
        if (size[label[a]] > 1.0) {
            const double own = sum[label[a]] / (size[label[a]] - 1.0);
            total += (other - own) / std::max(other, own);
        }
    }
    return total / static_cast<double>(label.size());
}

std::vector<std::size_t> sizes_of(const KMeans& result, std::size_t clusters) {
    std::vector<std::size_t> sizes(clusters, 0);
    for (const std::uint32_t label : result.label) {
        ++sizes.at(label);
    }
    return sizes;
}

TEST(KMeans, IrisIsFishers) {
    std::vector<double> sums(iris_columns, 0.0);
    for (std::size_t i = 0; i < iris.size(); ++i) {
        sums[i % iris_columns] += iris[i];
    }
    const std::vector<double> published{876.5, 458.6, 563.7, 179.9};
    for (std::size_t c = 0; c < iris_columns; ++c) {
        EXPECT_NEAR(sums[c], published[c], 1e-9) << c;
    }
}

TEST(KMeans, IrisIsAsPublished) {
    // R's kmeans(iris[, 1:4], 3, nstart = 20): tot.withinss 78.85144, sizes 50, 62 and 38; scikit-learn's documentation
    // has the silhouette
    const KMeans result = kmeans(iris, iris_columns, with_clusters(3));
    EXPECT_NEAR(result.inertia, 78.8514414, 1e-6);
    EXPECT_EQ(sizes_of(result, 3), (std::vector<std::size_t>{50, 62, 38}));
    const std::vector<double> centroids{5.006,    3.428,    1.462, 0.246,    5.901613, 2.748387,
                                        4.393548, 1.433871, 6.85,  3.073684, 5.742105, 2.071053};
    ASSERT_EQ(result.centroids.size(), centroids.size());
    for (std::size_t i = 0; i < centroids.size(); ++i) {
        EXPECT_NEAR(result.centroids[i], centroids[i], 1e-6) << i;
    }
    EXPECT_NEAR(result.silhouette, 0.552819, 1e-6);
    EXPECT_TRUE(result.converged);
    EXPECT_TRUE(result.silhouette_is_exact);
    EXPECT_NEAR(kmeans(iris, iris_columns, with_clusters(2)).inertia, 152.347952, 1e-6);
}

TEST(KMeans, StandardisedIrisIsAsPublished) {
    const std::vector<double> standard = standardise(iris, column_scale(iris, iris_columns));
    EXPECT_NEAR(kmeans(standard, iris_columns, with_clusters(3)).inertia, 138.8883597, 1e-6);
}

TEST(KMeans, FindsTheBestOfAllWays) {
    for (std::uint32_t sample = 0; sample < 40; ++sample) {
        const std::size_t clusters = 2 + sample % 2;
        std::vector<double> values = uniform_numbers(18, sample);
        if (sample % 4 == 0) {  // ties and equal rows
            std::ranges::transform(values, values.begin(), [](double value) { return std::floor(4.0 * value); });
        }
        const KMeans result = kmeans(values, 2, with_clusters(clusters));
        EXPECT_NEAR(result.inertia, least_inertia(values, 2, clusters), 1e-12) << sample;
        EXPECT_NEAR(result.inertia, inertia_by_pairs(values, 2, result.label), 1e-12) << sample;
    }
}

TEST(KMeans, NoRowCanMoveForABetterSum) {
    // Hartigan's optimum, which is stricter than Lloyd's: from one start, that no restart mends
    for (std::uint32_t sample = 0; sample < 30; ++sample) {
        const std::vector<double> values = uniform_numbers(60, sample);
        KMeansSettings settings = with_clusters(6);
        settings.restarts = 1;
        KMeans result = kmeans(values, 2, settings);
        EXPECT_TRUE(result.converged);
        for (std::size_t row = 0; row < result.label.size(); ++row) {
            const std::uint32_t own = result.label[row];
            if (std::ranges::count(result.label, own) == 1) {
                continue;
            }
            for (std::uint32_t other = 0; other < 6; ++other) {
                result.label[row] = other;
                EXPECT_GE(inertia_by_pairs(values, 2, result.label), result.inertia - 1e-9) << sample;
            }
            result.label[row] = own;
        }
    }
}

TEST(KMeans, EveryRowIsWithTheNearestMean) {
    const std::vector<double> values = uniform_numbers(6'000, 3);
    const KMeans result = kmeans(values, 3, with_clusters(7));
    std::vector<double> sums(21, 0.0);
    std::vector<double> sizes(7, 0.0);
    double inertia = 0.0;
    for (std::size_t row = 0; row < result.label.size(); ++row) {
        std::vector<double> squares(7, 0.0);
        for (std::size_t at = 0; at < 21; ++at) {
            squares[at / 3] += std::pow(values[row * 3 + at % 3] - result.centroids[at], 2);
        }
        EXPECT_EQ(std::ranges::min_element(squares) - squares.begin(), result.label[row]) << row;
        inertia += squares[result.label[row]];
        sizes[result.label[row]] += 1.0;
        for (std::size_t c = 0; c < 3; ++c) {
            sums[result.label[row] * 3 + c] += values[row * 3 + c];
        }
    }
    EXPECT_NEAR(result.inertia, inertia, 1e-9);
    for (std::size_t at = 0; at < 21; ++at) {
        EXPECT_NEAR(result.centroids[at], sums[at] / sizes[at / 3], 1e-12) << at;
    }
    for (std::size_t k = 1; k < 7; ++k) {
        EXPECT_LT(result.centroids[(k - 1) * 3], result.centroids[k * 3]);
    }
}

/// Neither the order of rows nor threads show in the result for a table.
void expect_order_free(const std::vector<double>& values, std::size_t columns, std::size_t clusters) {
    KMeansSettings settings = with_clusters(clusters);
    settings.threads = 1;
    settings.restarts = 5;
    const KMeans straight = kmeans(values, columns, settings);
    for (std::uint32_t shuffle = 0; shuffle < 2; ++shuffle) {
        const std::vector<std::size_t> order = shuffled_order(values.size() / columns, 1'000 + shuffle);
        settings.threads = 2 + static_cast<int>(shuffle);
        const KMeans shuffled = kmeans(rows_in_order(values, columns, order), columns, settings);
        for (std::size_t i = 0; i < order.size(); ++i) {
            ASSERT_EQ(shuffled.label[i], straight.label[order[i]]) << i;
        }
        EXPECT_EQ(shuffled.centroids, straight.centroids);
        EXPECT_EQ(shuffled.inertia, straight.inertia);
        EXPECT_EQ(shuffled.silhouette, straight.silhouette);
        EXPECT_EQ(shuffled.iterations, straight.iterations);
    }
}

TEST(KMeans, OrderAndThreadsDoNotShow) {
    expect_order_free(uniform_numbers(9'000, 5), 3, 6);
    std::vector<double> tied = uniform_numbers(2'000, 6);
    std::ranges::transform(tied, tied.begin(), [](double value) { return std::floor(5.0 * value) - 2.0; });
    tied[7] = -0.0;
    expect_order_free(tied, 2, 5);
    expect_order_free({iris.begin(), iris.end()}, iris_columns, 3);
}

TEST(KMeans, OrderAndThreadsDoNotShowInSamples) {
    expect_order_free(uniform_numbers(2 * 34'000, 7), 2, 4);
}

TEST(KMeans, ManyRowsInPlantedClusters) {
    // more rows than restarts see, and a cluster of few
    const std::vector<double> centres{0.0, 0.0, 10.0, 0.0, 0.0, 10.0, 10.0, 10.0};
    std::vector<double> values = planted_rows(centres, 2, 40'000, 2.0, 8);
    values.insert(values.end(), {200.0, 200.0, 200.5, 200.0, 200.0, 200.5, 201.0, 201.0});
    const KMeans result = kmeans(values, 2, with_clusters(5));
    EXPECT_EQ(sizes_of(result, 5), (std::vector<std::size_t>{10'000, 10'000, 10'000, 10'000, 4}));
    EXPECT_FALSE(result.silhouette_is_exact);
    values.resize(2 * 40'000);
    const KMeans four = kmeans(values, 2, with_clusters(4));
    EXPECT_EQ(sizes_of(four, 4), (std::vector<std::size_t>{10'000, 10'000, 10'000, 10'000}));
    EXPECT_NEAR(four.inertia, 40'000 * 2.0 * 4.0 / 3.0, 2'000.0);  // two uniform numbers in -2..2
    EXPECT_TRUE(four.converged);
    for (std::size_t row = 0; row < 40'000; ++row) {
        ASSERT_EQ(four.label[row], four.label[row % 4]) << row;
    }
}

TEST(KMeans, SilhouetteByHand) {
    const KMeans result = kmeans(std::vector{0.0, 10.0, 1.0}, 1, with_clusters(2));
    EXPECT_EQ(result.label, (std::vector<std::uint32_t>{0, 1, 0}));
    EXPECT_NEAR(result.silhouette, (9.0 / 10.0 + 8.0 / 9.0 + 0.0) / 3.0, 1e-15);
    EXPECT_TRUE(std::isnan(kmeans(std::vector{0.0, 10.0, 1.0}, 1, with_clusters(1)).silhouette));
}

TEST(KMeans, SilhouetteCountsEqualRows) {
    std::vector<double> values = uniform_numbers(400, 9);
    std::ranges::transform(values, values.begin(), [](double value) { return std::floor(6.0 * value); });
    const KMeans result = kmeans(values, 2, with_clusters(4));
    EXPECT_NEAR(result.silhouette, silhouette_by_pairs(values, 2, result.label), 1e-12);
}

TEST(KMeans, SampledSilhouetteIsNearTheExactOne) {
    const std::vector<double> centres{0.0, 0.0, 3.0, 0.0, 0.0, 5.0};
    std::vector<double> values = planted_rows(centres, 2, 4'500, 2.0, 10);
    values.insert(values.end(), {90.0, 90.0, 90.0, 91.0, 91.0, 90.0});  // seen although they are few
    const KMeans result = kmeans(values, 2, with_clusters(4));
    EXPECT_FALSE(result.silhouette_is_exact);
    EXPECT_EQ(sizes_of(result, 4).back(), 3U);
    EXPECT_NEAR(result.silhouette, silhouette_by_pairs(values, 2, result.label), 0.01);
}

TEST(KMeans, ChoosesAsManyClustersAsWerePlanted) {
    const std::vector<double> centres{0.0, 0.0, 9.0, 0.0, 0.0, 9.0, 9.0, 9.0};
    for (const std::size_t rows : {400U, 34'000U}) {
        const std::vector<double> values = planted_rows(centres, 2, rows, 2.0, 11);
        KMeansSettings settings = with_clusters(1);
        settings.restarts = 5;
        const ChosenKMeans chosen = choose_kmeans(values, 2, 2, 6, settings);
        ASSERT_EQ(chosen.tried.size(), 5U);
        EXPECT_EQ(sizes_of(chosen.best, 4), (std::vector<std::size_t>(4, rows / 4)));
        EXPECT_EQ(chosen.tried[2].clusters, 4U);
        for (const ClusterCount& count : chosen.tried) {
            EXPECT_LE(count.silhouette, chosen.tried[2].silhouette);
        }
        EXPECT_NEAR(chosen.tried[2].silhouette, chosen.best.silhouette, 0.02);
        EXPECT_LT(chosen.tried[4].inertia, chosen.tried[0].inertia);
    }
}

TEST(KMeans, IrisHasTwoClustersByTheSilhouette) {
    const ChosenKMeans chosen = choose_kmeans(iris, iris_columns, 2, 6, with_clusters(1));
    EXPECT_EQ(chosen.best.centroids.size(), 2 * iris_columns);
    EXPECT_NEAR(chosen.tried[0].silhouette, 0.681046, 1e-6);
    EXPECT_NEAR(chosen.tried[1].silhouette, 0.552819, 1e-6);
    EXPECT_EQ(chosen.best.silhouette, chosen.tried[0].silhouette);
}

TEST(KMeans, OfEqualSilhouettesTheFewestClusters) {
    // three rows as far from each other: 0 for any number of clusters
    const std::vector<double> corners{1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0};
    const ChosenKMeans chosen = choose_kmeans(corners, 3, 2, 9, with_clusters(1));
    ASSERT_EQ(chosen.tried.size(), 2U);  // no more than three rows are different
    EXPECT_EQ(chosen.tried[0].silhouette, chosen.tried[1].silhouette);
    EXPECT_EQ(chosen.best.centroids.size(), 2 * 3U);
}

TEST(KMeans, OfEqualRowsAlone) {
    const KMeans both = kmeans(std::vector{0.0, 0.0, 1.0, 1.0}, 1, with_clusters(2));
    EXPECT_EQ(both.silhouette, 1.0);
    EXPECT_EQ(both.inertia, 0.0);
}

TEST(KMeans, AnEmptyClusterBeginsWithTheFarthestRow) {
    const std::vector<double> values{0.0, 1.0, 10.0, 11.0, 40.0};
    const KMeans one = kmeans_from(values, 1, std::vector{0.5, 10.5, 1'000.0}, with_clusters(3));
    EXPECT_EQ(one.label, (std::vector<std::uint32_t>{0, 0, 1, 1, 2}));
    EXPECT_NEAR(one.inertia, 1.0, 1e-12);
    EXPECT_EQ(one.iterations, 2U);  // the first finds it
    const KMeans low =
        kmeans_from(std::vector{-40.0, 0.0, 1.0, 10.0, 11.0}, 1, std::vector{0.5, 10.5, 1'000.0}, with_clusters(3));
    EXPECT_EQ(low.label, (std::vector<std::uint32_t>{0, 1, 1, 2, 2}));
    EXPECT_EQ(low.iterations, 2U);
    const KMeans two = kmeans_from(values, 1, std::vector{-900.0, 5.0, 1'000.0}, with_clusters(3));
    EXPECT_EQ(std::set(two.label.begin(), two.label.end()).size(), 3U);
    EXPECT_TRUE(two.converged);
    EXPECT_NEAR(two.inertia, 1.0, 1e-12);
}

TEST(KMeans, GivenCentroidsMayComeInAnyOrder) {
    const std::vector<double> values{0.0, 1.0, 10.0, 11.0};
    const KMeans result = kmeans_from(values, 1, std::vector{10.0, 0.0}, with_clusters(2));
    EXPECT_EQ(result.label, (std::vector<std::uint32_t>{0, 0, 1, 1}));
    EXPECT_EQ(result.centroids, (std::vector<double>{0.5, 10.5}));
}

TEST(KMeans, PartsOfManyRowsAreAllCounted) {
    std::vector<double> values(270'000);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<double>(i) + (i < 90'000 ? 0.0 : 1e6);
    }
    const KMeans result = kmeans_from(values, 1, std::vector{0.0, 3e6}, with_clusters(2));
    EXPECT_EQ(sizes_of(result, 2), (std::vector<std::size_t>{90'000, 180'000}));
    EXPECT_NEAR(result.centroids[0], 44'999.5, 1e-6);
    EXPECT_NEAR(result.centroids[1], 1e6 + 179'999.5, 1e-6);
}

TEST(KMeans, GivenCentroidsAreNotForgotten) {
    // a start from which Lloyd cannot leave a worse optimum
    const std::vector<double> values{0.0, 0.0, 0.0, 1.0, 6.0, 0.0, 6.0, 1.0};
    const KMeans result = kmeans_from(values, 2, std::vector{3.0, 0.0, 3.0, 1.0}, with_clusters(2));
    EXPECT_EQ(result.label, (std::vector<std::uint32_t>{0, 1, 0, 1}));
    EXPECT_NEAR(kmeans(values, 2, with_clusters(2)).inertia, 1.0, 1e-12);
}

TEST(KMeans, FarFromZeroNothingIsLost) {
    std::vector<double> values = uniform_numbers(600, 12);
    std::ranges::transform(values, values.begin(), [](double value) { return std::floor(1'024.0 * value) / 1'024.0; });
    const KMeans near = kmeans(values, 2, with_clusters(4));
    std::ranges::transform(values, values.begin(), [](double value) { return value + 0x1p36; });
    const KMeans far = kmeans(values, 2, with_clusters(4));
    EXPECT_EQ(far.label, near.label);
    EXPECT_NEAR(far.inertia / near.inertia, 1.0, 1e-9);
}

TEST(KMeans, AsManyClustersAsRows) {
    const std::vector<double> values{3.0, 1.0, 2.0, 1.0};
    const KMeans result = kmeans(values, 1, with_clusters(3));
    EXPECT_EQ(result.label, (std::vector<std::uint32_t>{2, 0, 1, 0}));
    EXPECT_EQ(result.inertia, 0.0);
    try {
        (void)kmeans(values, 1, with_clusters(4));
        ADD_FAILURE();
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find("4 clusters of 3 different rows"), std::string::npos) << error.what();
    }
}

TEST(KMeans, ARowAloneStaysThere) {
    // means of equal rows are off by a last bit, so that rows alone have a distance to lose
    std::vector<double> values;
    for (std::uint32_t i = 0; i < 25; ++i) {
        values.insert(values.end(), 1 + i % 7, uniform_number(i, 14));
    }
    const KMeans result = kmeans(values, 1, with_clusters(25));
    EXPECT_EQ(std::set(result.label.begin(), result.label.end()).size(), 25U);
    EXPECT_NEAR(result.inertia, 0.0, 1e-28);
}

TEST(KMeans, SaysWhenItIsNotDone) {
    KMeansSettings settings = with_clusters(8);
    settings.most_iterations = 1;
    const KMeans result = kmeans(uniform_numbers(2'000, 13), 2, settings);
    EXPECT_FALSE(result.converged);
    EXPECT_EQ(result.iterations, 1U);
}

TEST(KMeans, SeedsDiffer) {
    KMeansSettings settings = with_clusters(12);
    settings.restarts = 1;
    std::set<double> inertias;
    for (settings.seed = 1; settings.seed <= 8; ++settings.seed) {
        inertias.insert(kmeans(iris, iris_columns, settings).inertia);
    }
    EXPECT_GT(inertias.size(), 2U);
    settings.restarts = 8;
    EXPECT_LE(kmeans(iris, iris_columns, settings).inertia, *inertias.rbegin());
}

TEST(KMeans, RefusesWhatItCannotCluster) {
    const std::vector<double> values{1.0, 2.0, 3.0, 4.0};
    EXPECT_THROW((void)kmeans(values, 1, with_clusters(0)), ConfigError);
    KMeansSettings settings = with_clusters(2);
    settings.restarts = 0;
    EXPECT_THROW((void)kmeans(values, 1, settings), ConfigError);
    settings = with_clusters(2);
    settings.most_iterations = 0;
    EXPECT_THROW((void)kmeans(values, 1, settings), ConfigError);
    EXPECT_THROW((void)choose_kmeans(values, 1, 1, 3, with_clusters(2)), ConfigError);
    EXPECT_THROW((void)choose_kmeans(values, 1, 3, 2, with_clusters(2)), ConfigError);
    EXPECT_THROW((void)kmeans(values, 3, with_clusters(2)), InputError);
    EXPECT_THROW((void)kmeans(values, 0, with_clusters(2)), InputError);
    EXPECT_THROW((void)kmeans({}, 1, with_clusters(2)), InputError);
    EXPECT_THROW((void)kmeans(std::vector{1.0, std::nan("")}, 1, with_clusters(2)), InputError);
    EXPECT_THROW((void)kmeans(std::vector{1.0, 1e151}, 1, with_clusters(2)), InputError);
    EXPECT_THROW((void)kmeans(std::vector{0.0, 1e-200, 1.0}, 1, with_clusters(3)), InputError);  // no distance
    EXPECT_THROW((void)kmeans_from(std::vector{0.0, 1e-200, 1.0}, 1, std::vector{0.0, 0.4, 1.0}, with_clusters(3)),
                 InputError);
    EXPECT_THROW((void)kmeans_from(values, 1, std::vector{1.0}, with_clusters(2)), InputError);
    EXPECT_THROW((void)kmeans_from(values, 1, std::vector{1.0, std::nan("")}, with_clusters(2)), InputError);
}

TEST(KMeans, CanBeInterrupted) {
    request_interruption();
    EXPECT_THROW((void)kmeans(iris, iris_columns, with_clusters(3)), Interrupted);
    clear_interruption();
}

}  // namespace
}  // namespace clv
