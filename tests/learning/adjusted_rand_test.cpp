#include "clv/learning/clusters/adjusted_rand.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "clv/core/errors.hpp"
#include "learning/random_tables.hpp"

namespace clv {
namespace {

using Labels = std::vector<std::uint32_t>;

TEST(AdjustedRand, AsPublished) {
    // scikit-learn's documentation of adjusted_rand_score
    EXPECT_DOUBLE_EQ(adjusted_rand(Labels{0, 0, 1, 1}, Labels{1, 1, 0, 0}), 1.0);
    EXPECT_DOUBLE_EQ(adjusted_rand(Labels{0, 0, 1, 2}, Labels{0, 0, 1, 1}), 4.0 / 7.0);
    EXPECT_DOUBLE_EQ(adjusted_rand(Labels{0, 0, 1, 1}, Labels{0, 0, 1, 2}), 4.0 / 7.0);
    EXPECT_DOUBLE_EQ(adjusted_rand(Labels{0, 0, 0, 0}, Labels{0, 1, 2, 3}), 0.0);
    EXPECT_DOUBLE_EQ(adjusted_rand(Labels{0, 0, 1, 1}, Labels{0, 1, 0, 1}), -0.5);
}

TEST(AdjustedRand, ByHand) {
    // sizes 3, 3 and 2, 2, 2; together 2, 1 | 1, 2: pairs 2 of 15; 6 and 3 by themselves
    const double by_chance = 6.0 * 3.0 / 15.0;
    EXPECT_DOUBLE_EQ(adjusted_rand(Labels{5, 5, 5, 9, 9, 9}, Labels{1, 1, 2, 2, 7, 7}),
                     (2.0 - by_chance) / (4.5 - by_chance));
}

/// Hubert and Arabie's definition, pair by pair.
double by_pairs(const Labels& a, const Labels& b) {
    double in_a = 0.0;
    double in_b = 0.0;
    double in_both = 0.0;
    double all = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            all += 1.0;
            in_a += a[i] == a[j] ? 1.0 : 0.0;
            in_b += b[i] == b[j] ? 1.0 : 0.0;
            in_both += a[i] == a[j] && b[i] == b[j] ? 1.0 : 0.0;
        }
    }
    return (in_both - in_a * in_b / all) / (0.5 * (in_a + in_b) - in_a * in_b / all);
}

TEST(AdjustedRand, IsThatOfThePairs) {
    for (std::uint32_t sample = 0; sample < 20; ++sample) {
        Labels a(60);
        Labels b(60);
        for (std::uint32_t i = 0; i < 60; ++i) {
            a[i] = static_cast<std::uint32_t>(4.0 * uniform_number(i, 3'000 + sample));
            b[i] = uniform_number(i, 4'000 + sample) < 0.7 ? a[i] : 1U << 31;  // every bit of a label counts
        }
        EXPECT_NEAR(adjusted_rand(a, b), by_pairs(a, b), 1e-12);
        EXPECT_GT(adjusted_rand(a, b), 0.1);
    }
}

TEST(AdjustedRand, WhereThereIsNothingToAdjust) {
    EXPECT_EQ(adjusted_rand(Labels{3}, Labels{8}), 1.0);
    EXPECT_EQ(adjusted_rand(Labels{3, 3, 3}, Labels{8, 8, 8}), 1.0);
    EXPECT_EQ(adjusted_rand(Labels{3, 4, 5}, Labels{8, 9, 7}), 1.0);
    EXPECT_EQ(adjusted_rand(Labels{3, 4, 5}, Labels{8, 8, 8}), 0.0);
    EXPECT_THROW((void)adjusted_rand(Labels{}, Labels{}), InputError);
    EXPECT_THROW((void)adjusted_rand(Labels{1, 2}, Labels{1}), InputError);
}

}  // namespace
}  // namespace clv
