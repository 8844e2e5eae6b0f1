// Randomised point sets as paths use them: strata, precision, errors that tell the truth, and customers that do not
// know of each other.

#include "clv/random/scrambled_point.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "clv/random/inverse_normal.hpp"

namespace clv {
namespace {

constexpr std::uint32_t seed = 20240;

struct Customer {
    std::uint32_t id;
    std::uint32_t first_path = 0;
    std::uint32_t key = seed;
    bool own_order = true;  ///< false: a planted error, the same shuffle for all
};

/// Coordinates of all paths of a customer, [path].
template <int dimensions>
std::vector<ScrambledPoint<std::uint32_t, dimensions>> points(const Customer& customer, std::uint32_t paths) {
    std::vector<ScrambleSeeds<std::uint32_t, dimensions>> seeds;
    for (std::uint32_t replicate = 0; replicate < replicates; ++replicate) {
        seeds.push_back(scramble_seeds<dimensions>(customer.first_path, replicate, customer.id, ~customer.id,
                                                   philox_key(customer.key, 0U)));
        if (!customer.own_order) {
            seeds.back().shuffle = 0;
        }
    }
    std::vector<ScrambledPoint<std::uint32_t, dimensions>> all;
    for (std::uint32_t path = 0; path < paths; ++path) {
        all.push_back(scrambled_point(seeds[replicate_of(path)], point_of(path)));
    }
    return all;
}

double uniform(std::uint32_t word) {
    return (static_cast<double>(word) + 0.5) * 0x1p-32;
}

double capped_exponential(std::uint32_t word) {
    return std::min(static_cast<double>(exponential_draw<float>(word)), 1.0);
}

struct Moments {
    double mean = 0.0;
    double variance = 0.0;  ///< divisor n - 1
};

Moments moments(const std::vector<double>& values) {
    Moments m;
    for (const double value : values) {
        m.mean += value / static_cast<double>(values.size());
    }
    for (const double value : values) {
        m.variance += (value - m.mean) * (value - m.mean) / static_cast<double>(values.size() - 1);
    }
    return m;
}

double standard_errors_from(double expected, const std::vector<double>& values) {
    const Moments m = moments(values);
    return (m.mean - expected) / std::sqrt(m.variance / static_cast<double>(values.size()));
}

/// Means of the replicates of value(point) over paths 0..paths-1.
template <int dimensions, class Value>
std::vector<double> replicate_means(const Customer& customer, std::uint32_t paths, Value value) {
    std::vector<double> sums(replicates, 0.0);
    const auto all = points<dimensions>(customer, paths);
    for (std::uint32_t path = 0; path < paths; ++path) {
        sums[replicate_of(path)] += value(all[path]) * replicates / paths;
    }
    return sums;
}

TEST(ScrambledPoint, HasOnePointPerStratumInEveryReplicateAndDimension) {
    for (const std::uint32_t log_points : {0U, 1U, 6U, 9U, 10U}) {
        const std::uint32_t count = 1U << log_points;
        const auto all = points<5>({1234}, 16 * 1024);
        for (std::uint32_t first = 0; first + count <= 1024; first += count) {  // every aligned block
            for (std::uint32_t replicate = 0; replicate < replicates; ++replicate) {
                for (int dimension = 0; dimension < 5; ++dimension) {
                    std::vector<int> hits(count, 0);
                    for (std::uint32_t point = first; point < first + count; ++point) {
                        const std::uint64_t word = all[point * replicates + replicate].word[dimension];
                        ++hits[word >> (32 - log_points)];
                    }
                    ASSERT_TRUE(std::all_of(hits.begin(), hits.end(), [](int hit) { return hit == 1; }));
                }
            }
        }
    }
}

TEST(ScrambledPoint, OfFewerDimensionsHasTheSameCoordinates) {
    const auto one = points<1>({77}, 64);
    const auto five = points<5>({77}, 64);
    for (std::uint32_t path = 0; path < 64; ++path) {
        EXPECT_EQ(one[path].word[0], five[path].word[0]);
    }
}

TEST(ScrambledPoint, MeansAreFarMorePreciseThanPlainOnes) {
    // E[min(E, 1)] = 1 - 1/e; E[min(E, 1)^2] = 2 - 4/e
    const double plain_variance = 2.0 - 4.0 / std::exp(1.0) - std::pow(1.0 - 1.0 / std::exp(1.0), 2.0);
    const auto gain = [&](std::uint32_t points_per_replicate) {
        std::vector<double> variances;
        for (std::uint32_t id = 0; id < 100; ++id) {
            variances.push_back(moments(replicate_means<1>({id}, 16 * points_per_replicate, [](const auto& point) {
                                    return capped_exponential(point.word[0]);
                                })).variance);
        }
        return plain_variance / points_per_replicate / moments(variances).mean;
    };
    EXPECT_GT(gain(64), 1000.0);
    EXPECT_GT(gain(625), 300.0);  // one of 625 points is alone, so at most 625
    EXPECT_GT(gain(1024), 100'000.0);
}

struct Integrand {
    const char* name;
    double mean;
    double (*value)(const ScrambledPoint<std::uint32_t, 5>& point);
    bool discrete = false;  ///< replicates often agree exactly, so single standard errors are rough
};

double normal(std::uint32_t word) {
    return static_cast<double>(inverse_normal<float>(word));
}

const Integrand integrands[] = {
    {"square", 1.0 / 3.0, [](const auto& p) { return uniform(p.word[0]) * uniform(p.word[0]); }},
    {"indicator", 0.3, [](const auto& p) { return p.word[0] < 1288490189U ? 1.0 : 0.0; }, true},
    {"capped exponential", 1.0 - std::exp(-1.0), [](const auto& p) { return capped_exponential(p.word[0]); }},
    {"product", 0.25, [](const auto& p) { return uniform(p.word[3]) * uniform(p.word[4]); }},
    {"square of a walk", 4.0,
     [](const auto& p) {
         const double sum = normal(p.word[1]) + normal(p.word[2]) + normal(p.word[3]) + normal(p.word[4]);
         return sum * sum;
     }},
    {"lifetime times growth", (1.0 - std::exp(-1.0)) * std::exp(0.125),
     [](const auto& p) { return capped_exponential(p.word[0]) * std::exp(0.5 * normal(p.word[1])); }},
};

TEST(ScrambledPoint, ErrorsAreUnbiasedAndHonest) {
    constexpr std::uint32_t customers = 300;
    for (const Integrand& integrand : integrands) {
        for (const std::uint32_t points_per_replicate : {64U, 625U}) {
            std::vector<double> means;
            std::vector<double> variances;  // of the mean, as estimated from the replicates
            std::vector<double> student_squares;
            std::vector<double> squares;
            for (std::uint32_t id = 0; id < customers; ++id) {
                const Moments m = moments(replicate_means<5>({id}, 16 * points_per_replicate, integrand.value));
                const double square = (m.mean - integrand.mean) * (m.mean - integrand.mean);
                means.push_back(m.mean);
                variances.push_back(m.variance / replicates);
                squares.push_back(square);
                student_squares.push_back(square / variances.back());
            }
            EXPECT_LT(std::abs(standard_errors_from(integrand.mean, means)), 4.0) << integrand.name;
            EXPECT_LT(std::abs(standard_errors_from(moments(variances).mean, squares)), 4.0) << integrand.name;
            if (!integrand.discrete) {
                // The square of Student's t with 15 degrees of freedom has mean 15/13 and variance 3.39.
                EXPECT_NEAR(moments(student_squares).mean, 15.0 / 13.0, 4.0 * std::sqrt(3.39 / customers))
                    << integrand.name;
            }
        }
    }
}

TEST(ScrambledPoint, FreshPathsAreRandomisedAnew) {
    const auto errors = [](std::uint32_t first_path) {
        std::vector<double> found;
        for (std::uint32_t id = 0; id < 2000; ++id) {
            const auto of_replicates =
                replicate_means<1>({id, first_path}, 16 * 16, [](const auto& p) { return uniform(p.word[0]); });
            found.push_back(moments(of_replicates).mean - 0.5);
        }
        return found;
    };
    const auto correlation = [](const std::vector<double>& a, const std::vector<double>& b) {
        double product = 0.0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            product += a[i] * b[i] / static_cast<double>(a.size());
        }
        return product / std::sqrt(moments(a).variance * moments(b).variance);
    };
    const auto in_sample = errors(0);
    EXPECT_LT(std::abs(correlation(in_sample, errors(256))), 4.0 / std::sqrt(2000.0));
    EXPECT_LT(std::abs(correlation(in_sample, errors(10'000))), 4.0 / std::sqrt(2000.0));
    EXPECT_GT(correlation(in_sample, errors(0)), 0.99);
}

TEST(ScrambledPoint, AntitheticPathsShareNoiseWithOppositeSigns) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
    for (std::uint32_t path = 0; path < 4096; ++path) {
        const std::uint32_t partner = path ^ replicates;
        EXPECT_EQ(antithetic_path(path), antithetic_path(partner));
        EXPECT_EQ(replicate_of(antithetic_path(path)), replicate_of(path));
        EXPECT_EQ(with_sign(1.5F, antithetic_sign(path)), -with_sign(1.5F, antithetic_sign(partner)));
        EXPECT_LT(antithetic_path(path), 2048U);
        EXPECT_TRUE(seen.emplace(antithetic_path(path), antithetic_sign(path)).second);
    }
}

enum class Planted { nothing, same_id, same_order };

/// Over paths, the variance of the sum of the customers' values less the sum of their variances: 0 on average if every
/// two customers are uncorrelated. In units of its standard deviation under plain sampling.
template <int dimensions, class Value>
double excess_variance(std::uint32_t key, std::uint32_t customers, std::uint32_t paths, Value value,
                       Planted planted = Planted::nothing) {
    std::vector<double> sum(paths, 0.0);
    double sum_of_variances = 0.0;
    double sum_of_squares = 0.0;
    for (std::uint32_t i = 0; i < customers; ++i) {
        const Customer customer{planted == Planted::same_id ? 0 : i, 0, key, planted != Planted::same_order};
        std::vector<double> values;
        for (const auto& point : points<dimensions>(customer, paths)) {
            values.push_back(value(point));
        }
        for (std::uint32_t path = 0; path < paths; ++path) {
            sum[path] += values[path];
        }
        const double variance = moments(values).variance;
        sum_of_variances += variance;
        sum_of_squares += variance * variance;
    }
    const double pairs = 0.5 * (sum_of_variances * sum_of_variances - sum_of_squares);
    return (moments(sum).variance - sum_of_variances) / std::sqrt(4.0 * pairs / paths);
}

template <int dimensions, class Value>
void expect_independence(std::uint32_t points_per_replicate, std::uint32_t runs, Value value) {
    const std::uint32_t paths = 16 * points_per_replicate;
    std::vector<double> excesses;
    for (std::uint32_t key = 0; key < runs; ++key) {
        excesses.push_back(excess_variance<dimensions>(1000 + key, 200, paths, value));
    }
    EXPECT_LT(std::abs(standard_errors_from(0.0, excesses)), 4.0) << points_per_replicate;
    EXPECT_GT(excess_variance<dimensions>(1, 200, paths, value, Planted::same_id), 1000.0);
}

TEST(ScrambledPoint, CustomersAreIndependentUnderStratification) {
    const auto lifetime = [](const auto& p) { return capped_exponential(p.word[0]); };
    expect_independence<1>(64, 40, lifetime);
    expect_independence<1>(625, 15, lifetime);
}

TEST(ScrambledPoint, CustomersAreIndependentInAllSobolDimensions) {
    const auto value = [](const auto& p) {
        return capped_exponential(p.word[0]) + 0.2 * (normal(p.word[1]) + normal(p.word[2])) +
               0.1 * (normal(p.word[3]) + normal(p.word[4]));
    };
    expect_independence<5>(64, 25, value);
}

// Two points whose numbers part at bit j share 2^-j of digit j + 1, with opposite signs. For a uniform, of whose
// variance digit k has 3/4^k, the covariance of two customers has therefore 1 + sum of 2^j (3/4 8^-j)^2 = 49/31 times
// the variance that it has under plain sampling. In a common order it would keep its sign over whole replicates.
TEST(ScrambledPoint, CovariancesOfCustomersSpreadAsTheyShould) {
    constexpr std::uint32_t runs = 400;
    const auto value = [](const auto& p) { return uniform(p.word[0]); };
    const auto mean_square = [&](Planted planted) {
        double sum = 0.0;
        for (std::uint32_t key = 0; key < runs; ++key) {
            const double excess = excess_variance<1>(5000 + key, 20, 16 * 64, value, planted);
            sum += excess * excess / runs;
        }
        return sum;
    };
    EXPECT_NEAR(mean_square(Planted::nothing), 49.0 / 31.0, 4.0 * 49.0 / 31.0 * std::sqrt(2.0 / runs));
    EXPECT_GT(mean_square(Planted::same_order), 10.0);
}

}  // namespace
}  // namespace clv
