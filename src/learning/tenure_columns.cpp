#include "tenure_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "clv/core/errors.hpp"
#include "clv/risk/resampled.hpp"

namespace clv {

namespace {

constexpr double goes_with_tenure = 0.8;

/// Mid ranks, from the highest.
std::vector<double> ranks(const std::vector<double>& values) {
    const Ranking order = ranking_of(values);
    std::vector<double> rank(values.size());
    std::uint32_t begin = 0;
    for (const std::uint32_t end : order.end) {
        for (std::uint32_t k = begin; k < end; ++k) {
            rank[order.place[k]] = 0.5 * static_cast<double>(begin + end - 1);
        }
        begin = end;
    }
    return rank;
}

/// Over the customers who have both.
double rank_correlation(const FeatureMatrix& matrix, std::size_t column, const std::vector<double>& tenure) {
    std::vector<double> values;
    std::vector<double> months;
    for (std::size_t i = 0; i < matrix.rows; ++i) {
        if (const float value = matrix.row(i)[column]; !std::isnan(value)) {
            values.push_back(static_cast<double>(value));
            months.push_back(tenure[i]);
        }
    }
    const std::vector<double> x = ranks(values);
    const std::vector<double> y = ranks(months);
    const double middle = 0.5 * (static_cast<double>(x.size()) - 1.0);
    double both = 0.0;
    double of_x = 0.0;
    double of_y = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        both += (x[i] - middle) * (y[i] - middle);
        of_x += (x[i] - middle) * (x[i] - middle);
        of_y += (y[i] - middle) * (y[i] - middle);
    }
    return of_x > 0.0 && of_y > 0.0 ? both / std::sqrt(of_x * of_y) : 0.0;
}

}  // namespace

std::vector<LearnedColumn> columns_besides_tenure(const CustomerTable& customers,
                                                  const std::vector<LearnedColumn>& columns,
                                                  const std::vector<double>& tenure, const LearnSettings& settings,
                                                  std::vector<LeftOut>& left_out) {
    const FeatureMatrix matrix = feature_matrix(customers, columns);
    std::vector<LearnedColumn> kept;
    for (std::size_t at = 0; at < columns.size(); ++at) {
        const LearnedColumn& column = columns[at];
        const double correlation =
            column.kind == FeatureKind::number ? std::abs(rank_correlation(matrix, at, tenure)) : 0.0;
        if (correlation > 1.0 - 1e-9) {
            continue;  // the tenure itself
        }
        if (correlation >= goes_with_tenure && !settings.kinds.contains(column.name)) {
            left_out.push_back(
                {column.name, fmt::format("goes with the time as a customer (rank correlation {:.2f})", correlation)});
            continue;
        }
        kept.push_back(column);
    }
    if (kept.empty()) {
        throw InputError(
            "every column that there is to learn from goes with the time as a customer (customers): give other "
            "attributes, or set learn.window_months to learn the outcome of a window alone");
    }
    return kept;
}

}  // namespace clv
