#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "clv/learning/learn_value.hpp"

namespace clv {

namespace {

constexpr std::size_t customers_per_band = 100;
constexpr std::size_t most_bands = 20;

/// The value of rank ceil(n level).
double order_statistic(const std::vector<double>& ascending, double level) {
    const auto rank = static_cast<std::size_t>(std::ceil(level * static_cast<double>(ascending.size())));
    return ascending[std::clamp<std::size_t>(rank, 1, ascending.size()) - 1];
}

}  // namespace

std::vector<ValueBand> value_bands(std::span<const double> predicted, std::span<const double> actual,
                                   std::span<const std::uint64_t> id_hash) {
    if (predicted.empty() || actual.size() != predicted.size() || id_hash.size() != predicted.size()) {
        throw std::invalid_argument("no bands: predicted and actual values are of different customers, or of none");
    }
    std::vector<std::uint32_t> order = rows_by_hash(id_hash);
    std::ranges::stable_sort(order, {}, [&](std::uint32_t row) { return predicted[row]; });
    const std::size_t count = std::clamp<std::size_t>(order.size() / customers_per_band, 1, most_bands);
    double sum = 0.0;
    for (const std::uint32_t row : order) {
        sum += std::max(predicted[row], 0.0);
    }
    const double least = std::max(1e-6 * sum / static_cast<double>(order.size()), std::numeric_limits<double>::min());
    std::vector<ValueBand> bands;
    for (std::size_t k = 0; k < count; ++k) {
        const std::size_t begin = k * order.size() / count;
        const std::size_t end = (k + 1) * order.size() / count;
        std::vector<double> spent;
        for (std::size_t place = begin; place < end; ++place) {
            spent.push_back(actual[order[place]] / std::max(predicted[order[place]], least));
        }
        std::ranges::sort(spent);
        bands.push_back({predicted[order[begin]], order_statistic(spent, 0.05), order_statistic(spent, 0.95)});
    }
    return bands;
}

ValueInterval interval_of(std::span<const ValueBand> bands, double predicted) {
    if (bands.empty()) {
        throw std::invalid_argument("there are no bands");
    }
    const auto above = std::ranges::upper_bound(bands, predicted, {}, &ValueBand::from);
    const ValueBand& band = above == bands.begin() ? bands.front() : *(above - 1);
    return {band.low * predicted, band.high * predicted};
}

}  // namespace clv
