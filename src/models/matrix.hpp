#pragma once
// Small dense symmetric matrices, row by row. Internal to the models.

#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

namespace clv {

using Matrix = std::vector<std::vector<double>>;

[[nodiscard]] inline Matrix zero_matrix(std::size_t count) {
    return Matrix(count, std::vector<double>(count, 0.0));
}

/// Lower triangular factor; nothing if the matrix is not clearly positive definite.
[[nodiscard]] inline std::optional<Matrix> cholesky(const Matrix& matrix) {
    const std::size_t count = matrix.size();
    Matrix factor = zero_matrix(count);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            double rest = matrix[i][j];
            for (std::size_t k = 0; k < j; ++k) {
                rest -= factor[i][k] * factor[j][k];
            }
            if (i != j) {
                factor[i][j] = rest / factor[j][j];
            } else if (rest > 1.0e-9 * matrix[i][i] && rest > 0.0) {
                factor[i][i] = std::sqrt(rest);
            } else {
                return std::nullopt;
            }
        }
    }
    return factor;
}

/// The inverse of the matrix of which `factor` is the triangular factor.
[[nodiscard]] inline Matrix inverse_of(const Matrix& factor) {
    const std::size_t count = factor.size();
    Matrix result = zero_matrix(count);
    for (std::size_t column = 0; column < count; ++column) {
        std::vector<double> y(count, 0.0);
        for (std::size_t i = 0; i < count; ++i) {
            double rest = i == column ? 1.0 : 0.0;
            for (std::size_t k = 0; k < i; ++k) {
                rest -= factor[i][k] * y[k];
            }
            y[i] = rest / factor[i][i];
        }
        for (std::size_t i = count; i-- > 0;) {
            for (std::size_t k = i + 1; k < count; ++k) {
                y[i] -= factor[k][i] * y[k];
            }
            y[i] /= factor[i][i];
            result[i][column] = y[i];
        }
    }
    return result;
}

}  // namespace clv
