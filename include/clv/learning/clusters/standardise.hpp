#pragma once
// Columns on one scale: less their mean, in units of their standard deviation.

#include <cstddef>
#include <span>
#include <vector>

namespace clv {

struct ColumnScale {
    std::vector<double> mean;  ///< [column]
    std::vector<double> sd;    ///< [column], with n - 1; 0 for a constant column, which may differ by rounding alone
};

/// Of a row-major table, `columns` numbers a row. The order of rows does not matter. Throws InputError for a table that
/// is empty, not whole rows, or has numbers that are not finite or beyond 1e150.
[[nodiscard]] ColumnScale column_scale(std::span<const double> values, std::size_t columns);

/// (value - mean) / sd; 0 in constant columns. The table may be another than the scale's. Throws InputError where it is
/// not whole rows of the scale's columns.
[[nodiscard]] std::vector<double> standardise(std::span<const double> values, const ColumnScale& scale);

}  // namespace clv
