#pragma once
// Rows in, columns out.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "clv/output/files.hpp"

namespace clv {

/// Names of the file table that stand for the levels of a run.
inline constexpr std::string_view quantile_pattern = "clv_q{level}";
inline constexpr std::string_view cvar_pattern = "clv_cvar{level}";
inline constexpr std::string_view var_pattern = "clv_var{level}";

/// Index of the 5% level, or of the lowest.
[[nodiscard]] inline std::size_t low_level(const std::vector<double>& levels) {
    const auto found = std::ranges::find(levels, 0.05);
    return static_cast<std::size_t>((found != levels.end() ? found : std::ranges::min_element(levels)) -
                                    levels.begin());
}

/// Index of the 95% level, or of the highest.
[[nodiscard]] inline std::size_t high_level(const std::vector<double>& levels) {
    const auto found = std::ranges::find(levels, 0.95);
    return static_cast<std::size_t>((found != levels.end() ? found : std::ranges::max_element(levels)) -
                                    levels.begin());
}

/// Member `field` of every row, as a column.
template <class Row, class Field>
[[nodiscard]] auto gather(std::span<const Row> rows, Field field) {
    std::vector<std::decay_t<decltype(std::invoke(field, rows.front()))>> values;
    values.reserve(rows.size());
    for (const Row& row : rows) {
        values.push_back(std::invoke(field, row));
    }
    return values;
}

/// quantiles[level] of every row, as one column per level.
template <class Row>
[[nodiscard]] std::vector<std::vector<double>> quantile_columns(std::span<const Row> rows, std::size_t levels) {
    std::vector<std::vector<double>> columns(levels);
    for (const Row& row : rows) {
        for (std::size_t level = 0; level < levels; ++level) {
            columns[level].push_back(row.quantiles.at(level));
        }
    }
    return columns;
}

/// The header of `file`, which has no patterns.
[[nodiscard]] inline std::vector<std::string> column_names(std::string_view file) {
    std::vector<std::string> names;
    for (const ColumnSpec& column : file_spec(file).columns) {
        names.emplace_back(column.name);
    }
    return names;
}

}  // namespace clv
