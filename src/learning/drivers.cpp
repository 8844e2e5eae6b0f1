#include "clv/learning/drivers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace clv {

namespace {

std::string value_text(const LearnedColumn& column, float value) {
    if (std::isnan(value)) {
        return "(blank)";
    }
    return column.kind == FeatureKind::category ? column.levels[static_cast<std::size_t>(value)]
                                                : fmt::format("{:.6g}", value);
}

}  // namespace

std::vector<std::string> drivers_of(std::span<const LearnedColumn> columns, std::span<const float> values,
                                    std::span<const float> contributions, std::size_t most) {
    std::vector<std::size_t> order(columns.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::size_t count = std::min(most, order.size());
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(count), std::ranges::greater{},
                              [&](std::size_t column) { return std::abs(contributions[column]); });
    std::vector<std::string> drivers;
    for (std::size_t k = 0; k < count && std::abs(contributions[order[k]]) >= 0.005F; ++k) {
        const std::size_t column = order[k];
        drivers.push_back(fmt::format("{} {} ({:+.2f})", columns[column].name,
                                      value_text(columns[column], values[column]), contributions[column]));
    }
    return drivers;
}

}  // namespace clv
