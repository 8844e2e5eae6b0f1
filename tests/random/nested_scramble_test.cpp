// Nested scrambling: a permutation digit by digit, uniform over seeds, with flips that do not depend on each other.

#include "clv/random/nested_scramble.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "clv/random/philox.hpp"

namespace clv {
namespace {

using Hash = std::uint32_t (*)(std::uint32_t reversed, std::uint32_t seed);

std::uint32_t house(std::uint32_t reversed, std::uint32_t seed) {
    return scramble_reversed(reversed, seed);
}

std::uint32_t seed_number(std::uint32_t i, int word = 0) {
    return philox<std::uint32_t>(i, 17U, 0U, 0U, 1U, 2U).word[word];
}

TEST(NestedScramble, PermutesAll16DigitPrefixesAtEveryLevel) {
    constexpr std::uint32_t prefixes = 1U << 16;
    for (std::uint32_t i = 0; i < 20; ++i) {
        const std::uint32_t seed = seed_number(i);
        for (int digits = 1; digits <= 16; ++digits) {
            std::vector<int> hits(std::size_t{1} << digits, 0);
            for (std::uint32_t prefix = 0; prefix < prefixes; ++prefix) {
                ++hits[nested_scramble(prefix << 16, seed) >> (32 - digits)];
            }
            const int share = 1 << (16 - digits);  // each elementary interval keeps its share of the points
            EXPECT_TRUE(std::all_of(hits.begin(), hits.end(), [&](int hit) { return hit == share; }));
        }
        for (std::uint32_t prefix = 0; prefix < prefixes; ++prefix) {
            const std::uint32_t rest = seed_number(prefix, 1) & 0xffffU;
            ASSERT_EQ(nested_scramble(prefix << 16 | rest, seed) >> 16, nested_scramble(prefix << 16, seed) >> 16);
        }
    }
}

// So any two words part at the same digit as before: no two meet, and aligned blocks of indices stay together.
TEST(NestedScramble, WordsPartAtTheDigitWhereTheyParted) {
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        const auto draw = philox<std::uint32_t>(i, 3U, 0U, 0U, 1U, 2U);
        const int agree = static_cast<int>(i % 32);
        const std::uint32_t other = draw.word[0] ^ (0x80000000U | draw.word[1] >> 1) >> agree;
        const auto difference = nested_scramble(draw.word[0], draw.word[2]) ^ nested_scramble(other, draw.word[2]);
        ASSERT_EQ(std::countl_zero(difference), agree);
    }
}

TEST(NestedScramble, OfOneWordIsUniformOverSeeds) {
    constexpr std::uint32_t seeds = 1U << 16;
    constexpr int cells = 256;
    for (const std::uint32_t word : {0U, 1U, 0x80000000U, 0x55555555U, 0xffffffffU, 0x00c0ffeeU}) {
        for (const int shift : {24, 12, 0}) {
            std::vector<int> hits(cells, 0);
            for (std::uint32_t i = 0; i < seeds; ++i) {
                ++hits[nested_scramble(word, seed_number(i)) >> shift & (cells - 1)];
            }
            constexpr double expected = static_cast<double>(seeds) / cells;
            double chi_square = 0.0;
            for (const int hit : hits) {
                chi_square += (hit - expected) * (hit - expected) / expected;
            }
            EXPECT_NEAR(chi_square, cells - 1, 4.0 * std::sqrt(2.0 * (cells - 1))) << word << ' ' << shift;
        }
    }
}

struct Node {
    int level;             ///< which digit, from the lowest bit of the reversed word
    std::uint32_t prefix;  ///< the digits before it
};

/// All nodes of the first levels and a few of each deeper one. With `first` > 0 the digits below are 0, as in the
/// reversed form of small indices.
std::vector<Node> nodes(int first, int end) {
    std::vector<Node> found;
    for (int level = first; level < end; ++level) {
        const std::uint32_t all = 1U << (level - first);
        for (std::uint32_t i = 0; i < std::min(all, 16U); ++i) {
            const std::uint32_t prefix = i * 0x9e3779b1U % all;  // all different
            found.push_back({level, prefix << first});
        }
    }
    return found;
}

struct Dependence {
    double bias = 0.0;         ///< largest |z| of a flip's frequency
    double mean_square = 0.0;  ///< of z over all pairs of flips; 1 when they are independent
    double worst = 0.0;        ///< largest |z| of a pair
    double pairs = 0.0;

    [[nodiscard]] bool is_none() const {
        // The largest of 20,000 normals is beyond 6 with probability 4e-5.
        return bias < 4.5 && std::abs(mean_square - 1.0) < 4.0 * std::sqrt(2.0 / pairs) && worst < 6.0;
    }
};

Dependence dependence(Hash hash, const std::vector<Node>& tree) {
    constexpr std::uint32_t seeds = 1U << 15;
    std::vector<std::vector<std::uint64_t>> flips(tree.size(), std::vector<std::uint64_t>(seeds / 64, 0));
    for (std::uint32_t i = 0; i < seeds; ++i) {
        const std::uint32_t seed = seed_number(i);
        for (std::size_t node = 0; node < tree.size(); ++node) {
            const std::uint32_t prefix = tree[node].prefix;
            const std::uint64_t flip = (hash(prefix, seed) ^ prefix) >> tree[node].level & 1U;
            flips[node][i / 64] |= flip << (i % 64);
        }
    }
    const auto z_of = [](double ones) { return (2.0 * ones - seeds) / std::sqrt(static_cast<double>(seeds)); };
    Dependence found;
    for (std::size_t a = 0; a < tree.size(); ++a) {
        double ones = 0.0;
        for (const std::uint64_t bits : flips[a]) {
            ones += std::popcount(bits);
        }
        found.bias = std::max(found.bias, std::abs(z_of(ones)));
        for (std::size_t b = 0; b < a; ++b) {
            double differences = 0.0;
            for (std::size_t i = 0; i < flips[a].size(); ++i) {
                differences += std::popcount(flips[a][i] ^ flips[b][i]);
            }
            const double z = z_of(differences);
            found.mean_square += z * z;
            found.worst = std::max(found.worst, std::abs(z));
            found.pairs += 1.0;
        }
    }
    found.mean_square /= found.pairs;
    return found;
}

TEST(NestedScramble, FlipsDoNotDependOnEachOther) {
    for (const auto& tree : {nodes(0, 12), nodes(22, 32), nodes(26, 32), nodes(0, 16)}) {
        const Dependence found = dependence(house, tree);
        EXPECT_TRUE(found.is_none()) << found.bias << ' ' << found.mean_square << ' ' << found.worst;
    }
}

TEST(NestedScramble, WeakHashesAreCaught) {
    const Hash identity = [](std::uint32_t x, std::uint32_t) { return x; };
    const Hash digital_shift = [](std::uint32_t x, std::uint32_t seed) { return x ^ seed; };
    const Hash sum = [](std::uint32_t x, std::uint32_t seed) { return x + seed; };
    const Hash first_of_its_kind = [](std::uint32_t x, std::uint32_t seed) {  // Laine and Karras, without the factor
        x += seed;
        x ^= x * 0x6c50b47cU;
        x ^= x * 0xb82f1e52U;
        x ^= x * 0xc7afe638U;
        x ^= x * 0x8d22f6e6U;
        return x;
    };
    for (const Hash hash : {identity, digital_shift, sum, first_of_its_kind}) {
        EXPECT_FALSE(dependence(hash, nodes(0, 12)).is_none());
    }
}

TEST(NestedScramble, TwoSeedsOfOneBlockFlipIndependently) {
    constexpr std::uint32_t blocks = 1U << 15;
    const auto tree = nodes(0, 8);
    double mean_square = 0.0;
    for (const Node& node : tree) {
        double differences = 0.0;
        for (std::uint32_t i = 0; i < blocks; ++i) {
            const std::uint32_t a = scramble_reversed(node.prefix, seed_number(i, 0));
            const std::uint32_t b = scramble_reversed(node.prefix, seed_number(i, 1));
            differences += (a ^ b) >> node.level & 1U;
        }
        const double z = (2.0 * differences - blocks) / std::sqrt(static_cast<double>(blocks));
        mean_square += z * z / static_cast<double>(tree.size());
    }
    EXPECT_NEAR(mean_square, 1.0, 4.0 * std::sqrt(2.0 / static_cast<double>(tree.size())));
}

}  // namespace
}  // namespace clv
