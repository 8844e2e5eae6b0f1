#include "clv/math/covariance.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace clv {
namespace {

TEST(Covariance, IsSymmetricAndPositiveSemiDefinite) {
    EXPECT_TRUE(is_covariance({}));
    EXPECT_TRUE(is_covariance({{0.0}}));
    EXPECT_TRUE(is_covariance({{4.0, 1.0}, {1.0, 1.0}}));
    EXPECT_TRUE(is_covariance({{4.0, 2.0}, {2.0, 1.0}}));                         // one goes with the other
    EXPECT_TRUE(is_covariance({{1.0e20, 3.0e9}, {3.0e9 * (1.0 + 1e-12), 0.1}}));  // up to rounding
    EXPECT_TRUE(is_covariance({{1.0, 0.0}, {0.0, 0.0}}));
    EXPECT_FALSE(is_covariance({{4.0, 2.1}, {2.1, 1.0}}));
    EXPECT_FALSE(is_covariance({{4.0, 1.0}, {1.1, 1.0}}));
    EXPECT_FALSE(is_covariance({{-1.0}}));
    EXPECT_FALSE(is_covariance({{1.0, 0.5}, {0.5, 0.0}}));
    EXPECT_FALSE(is_covariance({{1.0, 0.0}}));
    EXPECT_FALSE(is_covariance({{1.0, 0.9, -0.9}, {0.9, 1.0, 0.9}, {-0.9, 0.9, 1.0}}));
    EXPECT_FALSE(is_covariance({{std::numeric_limits<double>::infinity()}}));
    EXPECT_FALSE(is_covariance({{1.0, NAN}, {NAN, 1.0}}));
}

}  // namespace
}  // namespace clv
