// The Sobol sequence against its definition by direction numbers, its known first points, and its quality as a net.

#include "clv/random/sobol.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "clv/random/philox.hpp"

namespace clv {
namespace {

std::uint32_t coordinate(int dimension, std::uint32_t index) {
    switch (dimension) {
        case 0:
            return sobol_word<0>(index);
        case 1:
            return sobol_word<1>(index);
        case 2:
            return sobol_word<2>(index);
        case 3:
            return sobol_word<3>(index);
        default:
            return sobol_word<4>(index);
    }
}

/// Direction numbers of a row of new-joe-kuo-6.21201: degree s, inner coefficients a of the polynomial, numbers m.
std::array<std::uint32_t, 32> directions(int s, std::uint32_t a, std::vector<std::uint64_t> m) {
    for (int k = s; k < 32; ++k) {
        const auto at = [&](int back) { return m[static_cast<std::size_t>(k - back)]; };
        std::uint64_t next = at(s) ^ at(s) << s;
        for (int i = 1; i < s; ++i) {
            next ^= (a >> (s - 1 - i) & 1U) * at(i) << i;
        }
        m.push_back(next);
    }
    std::array<std::uint32_t, 32> v{};
    for (int k = 0; k < 32; ++k) {
        v[static_cast<std::size_t>(k)] = static_cast<std::uint32_t>(m[static_cast<std::size_t>(k)] << (31 - k));
    }
    return v;
}

std::array<std::array<std::uint32_t, 32>, sobol_dimensions> all_directions() {
    std::array<std::uint32_t, 32> van_der_corput{};
    for (int k = 0; k < 32; ++k) {
        van_der_corput[static_cast<std::size_t>(k)] = 0x80000000U >> k;
    }
    return {van_der_corput, directions(1, 0, {1}), directions(2, 1, {1, 3}), directions(3, 1, {1, 3, 1}),
            directions(3, 2, {1, 1, 1})};
}

TEST(Sobol, IsTheSumOfItsDirectionNumbers) {
    const auto v = all_directions();
    for (int dimension = 0; dimension < sobol_dimensions; ++dimension) {
        const auto& columns = v[static_cast<std::size_t>(dimension)];
        for (int bit = 0; bit < 32; ++bit) {
            EXPECT_EQ(coordinate(dimension, 1U << bit), columns[static_cast<std::size_t>(bit)])
                << dimension << ' ' << bit;
        }
        for (std::uint32_t i = 0; i < 10'000; ++i) {
            const std::uint32_t index = philox<std::uint32_t>(i, 0U, 0U, 0U, 5U, 6U).word[0];
            std::uint32_t sum = 0;
            for (int bit = 0; bit < 32; ++bit) {
                sum ^= (index >> bit & 1U) * columns[static_cast<std::size_t>(bit)];
            }
            ASSERT_EQ(coordinate(dimension, index), sum);
        }
    }
}

TEST(Sobol, HasThePublishedFirstPoints) {
    // In the order of the Gray code, as programs that follow Joe and Kuo print them.
    constexpr double expected[5][sobol_dimensions] = {{0.0, 0.0, 0.0, 0.0, 0.0},
                                                      {0.5, 0.5, 0.5, 0.5, 0.5},
                                                      {0.75, 0.25, 0.25, 0.25, 0.75},
                                                      {0.25, 0.75, 0.75, 0.75, 0.25},
                                                      {0.375, 0.375, 0.625, 0.875, 0.375}};
    for (std::uint32_t n = 0; n < 5; ++n) {
        for (int dimension = 0; dimension < sobol_dimensions; ++dimension) {
            EXPECT_EQ(coordinate(dimension, n ^ n >> 1) * 0x1p-32, expected[n][dimension]) << n << ' ' << dimension;
        }
    }
}

TEST(Sobol, MatricesAreUpperTriangular) {
    for (int dimension = 0; dimension < sobol_dimensions; ++dimension) {
        for (int bit = 0; bit < 32; ++bit) {
            EXPECT_EQ(std::countr_zero(coordinate(dimension, 1U << bit)), 31 - bit);
        }
    }
}

/// Whether 2^m points have 2^t in every elementary interval of volume 2^(t - m) of these two dimensions.
bool is_net(int first, int second, int m, int t) {
    for (int digits = 0; digits <= m - t; ++digits) {
        std::vector<int> hits(std::size_t{1} << (m - t), 0);
        for (std::uint32_t index = 0; index < 1U << m; ++index) {
            const std::uint64_t x = std::uint64_t{coordinate(first, index)} >> (32 - digits);
            const std::uint64_t y = std::uint64_t{coordinate(second, index)} >> (32 - (m - t - digits));
            ++hits[static_cast<std::size_t>(x << (m - t - digits) | y)];
        }
        for (const int hit : hits) {
            if (hit != 1 << t) {
                return false;
            }
        }
    }
    return true;
}

TEST(Sobol, PairsOfDimensionsAreNetsOfTheKnownQuality) {
    constexpr int degree[sobol_dimensions] = {1, 1, 2, 3, 3};  // t = sum of degree - 1 (Sobol 1967)
    for (int m = 1; m <= 12; ++m) {
        EXPECT_TRUE(is_net(0, 1, m, 0)) << m;
        for (int a = 0; a < sobol_dimensions; ++a) {
            for (int b = 0; b < a; ++b) {
                const int t = degree[a] + degree[b] - 2;
                EXPECT_TRUE(m < t || is_net(a, b, m, t)) << a << ' ' << b << ' ' << m;
            }
        }
    }
    EXPECT_FALSE(is_net(2, 2, 6, 2));  // a dimension with itself is none
}

}  // namespace
}  // namespace clv
