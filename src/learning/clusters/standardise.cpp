#include "clv/learning/clusters/standardise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/risk/fixed_point.hpp"
#include "learning/clusters/table_check.hpp"

namespace clv {

namespace {

/// Of every `columns`-th number from `first` on: their mean and standard deviation.
struct MeanAndSd {
    double mean;
    double sd;
};

MeanAndSd column_moments(std::span<const double> values, std::size_t columns, std::size_t first) {
    constexpr double rounding = 0x1p-50;  // of the last bits of numbers that should be equal
    OrderFreeSum sum;
    double low = values[first];
    double high = low;
    for (std::size_t i = first; i < values.size(); i += columns) {
        low = std::min(low, values[i]);
        high = std::max(high, values[i]);
        sum.add(values[i]);
    }
    const auto rows = static_cast<double>(values.size() / columns);
    const double mean = sum.value() / rows;
    if (high - low <= rounding * std::max(std::abs(low), std::abs(high))) {
        return {mean, 0.0};
    }
    throw_if_interrupted();
    OrderFreeSum squares;
    for (std::size_t i = first; i < values.size(); i += columns) {
        squares.add((values[i] - mean) * (values[i] - mean));
    }
    return {mean, std::sqrt(squares.value() / (rows - 1.0))};
}

}  // namespace

ColumnScale column_scale(std::span<const double> values, std::size_t columns) {
    check_table(values, columns);
    ColumnScale scale;
    for (std::size_t c = 0; c < columns; ++c) {
        throw_if_interrupted();
        const MeanAndSd column = column_moments(values, columns, c);
        scale.mean.push_back(column.mean);
        scale.sd.push_back(column.sd);
    }
    return scale;
}

std::vector<double> standardise(std::span<const double> values, const ColumnScale& scale) {
    const std::size_t columns = scale.mean.size();
    if (columns == 0 || values.size() % columns != 0) {
        throw InputError(
            fmt::format("{} numbers are not whole rows of the {} columns of the scale: give the columns "
                        "that it was made from",
                        values.size(), columns));
    }
    std::vector<double> standard(values.size());
    in_stretches(values.size(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::size_t c = i % columns;
            standard[i] = scale.sd[c] > 0.0 ? (values[i] - scale.mean[c]) / scale.sd[c] : 0.0;
        }
    });
    return standard;
}

}  // namespace clv
