#pragma once
// Cholesky factors of small dense matrices. Its users' own headers stay free of Eigen, so that only who factorises
// needs it.
//
// Fits have been stored with the bits of two orders of operations, and keep them. Eigen's LLT sums products before it
// subtracts them; that is the one of maximise() by NewtonRule::solve, on up to four coordinates. The factors of
// any size take one column after the other out of what is left, so that every entry has its products subtracted one by
// one: Eigen has blocks for that, but no factorisation.

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <optional>

namespace clv {

/// Of up to four rows and columns, without memory from the heap.
using SmallMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor, 4, 4>;
using SmallVector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 4, 1>;

/// Nothing if the matrix is not clearly positive definite.
[[nodiscard]] std::optional<Eigen::LLT<SmallMatrix>> factorise_small(const SmallMatrix& matrix);

/// Lower triangular factor, zeros above it; nothing if the matrix is not clearly positive definite.
[[nodiscard]] std::optional<Eigen::MatrixXd> factorise(const Eigen::MatrixXd& matrix);

/// Lower triangular factor of a covariance; a variance that rounding has made negative becomes 0, and so does its
/// column.
[[nodiscard]] Eigen::MatrixXd factorise_covariance(const Eigen::MatrixXd& covariance);

/// The inverse of the matrix of which `factor` is the lower triangular factor.
[[nodiscard]] Eigen::MatrixXd inverse_of(const Eigen::MatrixXd& factor);

}  // namespace clv
