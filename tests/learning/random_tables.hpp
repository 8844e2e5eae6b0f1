#pragma once
// Tables of random numbers, and orders to shuffle their rows into.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "clv/random/philox.hpp"

namespace clv {

/// In (0, 1): number i of a stream.
inline double uniform_number(std::uint32_t i, std::uint32_t stream) {
    return (static_cast<double>(philox<std::uint32_t>(i, stream, 17U, 0U, 23U, 0U).word[0]) + 0.5) * 0x1p-32;
}

inline std::vector<double> uniform_numbers(std::size_t count, std::uint32_t stream) {
    std::vector<double> numbers(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        numbers[i] = uniform_number(i, stream);
    }
    return numbers;
}

/// 0..count - 1, shuffled.
inline std::vector<std::size_t> shuffled_order(std::size_t count, std::uint32_t stream) {
    const std::vector<double> key = uniform_numbers(count, stream);
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t row) { return key[row]; });
    return order;
}

/// Row i of the result is row order[i] of a row-major table.
inline std::vector<double> rows_in_order(std::span<const double> values, std::size_t columns,
                                         const std::vector<std::size_t>& order) {
    std::vector<double> result;
    for (const std::size_t row : order) {
        const auto numbers = values.subspan(row * columns, columns);
        result.insert(result.end(), numbers.begin(), numbers.end());
    }
    return result;
}

/// Rows in as many clusters of equal size as there are centres: row i about centre i % centres, each number up to
/// `reach` away from it.
inline std::vector<double> planted_rows(std::span<const double> centres, std::size_t columns, std::size_t rows,
                                        double reach, std::uint32_t stream) {
    std::vector<double> values = uniform_numbers(rows * columns, stream);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t cluster = i / columns % (centres.size() / columns);
        values[i] = centres[cluster * columns + i % columns] + reach * (2.0 * values[i] - 1.0);
    }
    return values;
}

}  // namespace clv
