#pragma once
// Models of amounts that are often 0, out of fold.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/learning/learn_value.hpp"

namespace clv {

/// What is learned from: every row of the matrix.
struct ValueTask {
    const FeatureMatrix& matrix;
    std::vector<LearnedColumn> columns;  ///< the first ones of the matrix, or all
    std::span<const std::uint64_t> id_hash;
    std::span<const double> revenue;     ///< currency in the window
    std::span<const std::size_t> rows;   ///< in the order of id hashes
    std::span<const std::size_t> folds;  ///< [place in rows]
    const TrainedCustomers& trained;
    const LearnSettings& settings;
    int threads = 0;
};

/// The kinds that settings.algorithm asks for, calibrated.
[[nodiscard]] ValueEnsembles fit_values(const ValueTask& task, Progress& progress);

/// [fold]: what `predicted`, [customer], has to be multiplied by so that the total of the other folds is right; 1 where
/// a total is 0.
[[nodiscard]] std::vector<double> total_factors(const ValueTask& task, std::span<const double> predicted);

/// The first columns of a matrix.
[[nodiscard]] FeatureMatrix first_columns(const FeatureMatrix& matrix, std::size_t columns);

/// sign(x) log(1 + |x|) of every number.
[[nodiscard]] FeatureMatrix in_logarithms(FeatureMatrix matrix);

}  // namespace clv
