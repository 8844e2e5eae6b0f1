#include "clv/math/cholesky.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace clv {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

MatrixXd random_covariance(Index count, std::mt19937_64& engine) {
    std::normal_distribution<double> normal;
    const MatrixXd root = MatrixXd::NullaryExpr(count, count, [&] { return normal(engine); });
    const MatrixXd square = root * root.transpose();
    return 0.5 * (square + square.transpose());
}

/// Row by row, every entry less its products one by one: the order that stored fits have.
MatrixXd by_rows(const MatrixXd& matrix) {
    MatrixXd factor = MatrixXd::Zero(matrix.rows(), matrix.cols());
    for (Index i = 0; i < matrix.rows(); ++i) {
        for (Index j = 0; j <= i; ++j) {
            double rest = matrix(i, j);
            for (Index k = 0; k < j; ++k) {
                rest -= factor(i, k) * factor(j, k);
            }
            factor(i, j) = i == j ? std::sqrt(rest) : rest / factor(j, j);
        }
    }
    return factor;
}

TEST(Cholesky, KeepsTheBitsOfTheOrderByRows) {
    std::mt19937_64 engine(1);
    for (Index count = 1; count <= 16; ++count) {
        for (int world = 0; world < 20; ++world) {
            const MatrixXd matrix = random_covariance(count, engine);
            const auto factor = factorise(matrix);
            ASSERT_TRUE(factor);
            EXPECT_TRUE((factor->array() == by_rows(matrix).array()).all()) << count;
            EXPECT_TRUE((factorise_covariance(matrix).array() == factor->array()).all()) << count;
        }
    }
}

TEST(Cholesky, InverseOfAFactorIsThatOfItsMatrix) {
    std::mt19937_64 engine(2);
    for (Index count = 1; count <= 12; ++count) {
        const MatrixXd matrix = random_covariance(count, engine) + MatrixXd::Identity(count, count);
        const MatrixXd product = matrix * inverse_of(*factorise(matrix));
        EXPECT_LT((product - MatrixXd::Identity(count, count)).cwiseAbs().maxCoeff(), 1e-10) << count;
    }
}

TEST(Cholesky, RefusesWhatIsNotClearlyPositiveDefinite) {
    const MatrixXd indefinite{{1.0, 2.0}, {2.0, 1.0}};
    const MatrixXd singular{{1.0, 1.0}, {1.0, 1.0 + 1e-12}};
    const MatrixXd sound{{1.0, 0.5}, {0.5, 1.0}};
    EXPECT_FALSE(factorise(indefinite));
    EXPECT_FALSE(factorise(singular));
    EXPECT_TRUE(factorise(sound));
    EXPECT_FALSE(factorise_small(indefinite));
    EXPECT_FALSE(factorise_small(singular));
    EXPECT_TRUE(factorise_small(sound));
}

TEST(Cholesky, AVarianceOfNothingIsAColumnOfZeros) {
    const MatrixXd covariance{{4.0, 2.0, 2.0}, {2.0, 1.0 - 1e-17, 1.0}, {2.0, 1.0, 10.0}};
    const MatrixXd expected{{2.0, 0.0, 0.0}, {1.0, 0.0, 0.0}, {1.0, 0.0, 3.0}};
    EXPECT_TRUE((factorise_covariance(covariance).array() == expected.array()).all());
    const MatrixXd below{{-1e-18, 0.0}, {0.0, 1.0}};
    const MatrixXd kept{{0.0, 0.0}, {0.0, 1.0}};
    EXPECT_TRUE((factorise_covariance(below).array() == kept.array()).all());
}

}  // namespace
}  // namespace clv
