#include "clv/math/cholesky.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace clv {
namespace {

/// `root_of(rest, diagonal)`: the pivot, from what is left of an entry of the diagonal and that entry itself. False if
/// a pivot is not above 0 and `stops` is set; without it the pivot's column is 0.
template <class RootOf>
bool take_columns(Eigen::MatrixXd& matrix, bool stops, RootOf root_of) {
    const Eigen::VectorXd diagonal = matrix.diagonal();
    const Eigen::Index count = matrix.rows();
    for (Eigen::Index j = 0; j < count; ++j) {
        const Eigen::Index below = count - j - 1;
        const double root = root_of(matrix(j, j), diagonal[j]);
        if (stops && !(root > 0.0)) {
            return false;
        }
        matrix(j, j) = root;
        auto column = matrix.col(j).tail(below);
        if (root > 0.0) {
            column /= root;
        } else {
            column.setZero();
        }
        matrix.bottomRightCorner(below, below).noalias() -= column * column.transpose();
        matrix.row(j).tail(below).setZero();
    }
    return true;
}

}  // namespace

std::optional<Eigen::LLT<SmallMatrix>> factorise_small(const SmallMatrix& matrix) {
    Eigen::LLT<SmallMatrix> factor(matrix);
    const auto pivots = factor.matrixLLT().diagonal().array().square();
    if (factor.info() == Eigen::Success && (pivots > 1.0e-9 * matrix.diagonal().array()).all()) {
        return factor;
    }
    return std::nullopt;
}

std::optional<Eigen::MatrixXd> factorise(const Eigen::MatrixXd& matrix) {
    Eigen::MatrixXd factor = matrix;
    const bool definite = take_columns(factor, true, [](double rest, double diagonal) {
        return rest > 1.0e-9 * diagonal && rest > 0.0 ? std::sqrt(rest) : 0.0;
    });
    return definite ? std::optional(std::move(factor)) : std::nullopt;
}

Eigen::MatrixXd factorise_covariance(const Eigen::MatrixXd& covariance) {
    Eigen::MatrixXd factor = covariance;
    take_columns(factor, false, [](double rest, double) { return std::sqrt(std::max(rest, 0.0)); });
    return factor;
}

Eigen::MatrixXd inverse_of(const Eigen::MatrixXd& factor) {
    const Eigen::Index count = factor.rows();
    Eigen::MatrixXd result = Eigen::MatrixXd::Identity(count, count);
    for (Eigen::Index c = 0; c < count; ++c) {
        auto y = result.col(c);
        for (Eigen::Index k = 0; k < count; ++k) {
            y[k] /= factor(k, k);
            y.tail(count - k - 1) -= y[k] * factor.col(k).tail(count - k - 1);
        }
        for (Eigen::Index i = count; i-- > 0;) {
            for (Eigen::Index k = i + 1; k < count; ++k) {  // from the diagonal down, which Eigen's solver does not
                y[i] -= factor(k, i) * y[k];
            }
            y[i] /= factor(i, i);
        }
    }
    return result;
}

}  // namespace clv
