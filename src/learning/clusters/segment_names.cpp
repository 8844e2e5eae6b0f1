#include "clv/learning/clusters/segment_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

/// [value is high][churn is high]
constexpr std::string_view kinds[2][2] = {{"Steady", "Low-Value Transient"}, {"VIP", "At-Risk High-Value"}};

void check_medians(const CustomerMedians& medians, std::string_view whose) {
    if (std::isnan(medians.value) || std::isnan(medians.churn)) {
        throw InputError(fmt::format(
            "the median value or churn of {} is unknown: segments are named from customers with both", whose));
    }
}

}  // namespace

std::vector<SegmentName> name_segments(std::span<const CustomerMedians> clusters, const CustomerMedians& all) {
    check_medians(all, "all customers");
    for (std::size_t k = 0; k < clusters.size(); ++k) {
        check_medians(clusters[k], fmt::format("cluster {}", k + 1));
    }
    std::vector<std::size_t> order(clusters.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        return clusters[a].value != clusters[b].value ? clusters[a].value > clusters[b].value
                                                      : clusters[a].churn < clusters[b].churn;
    });
    std::vector<SegmentName> names(clusters.size());
    std::array<std::array<std::size_t, 2>, 2> used{};
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        const CustomerMedians& cluster = clusters[order[rank]];
        const std::size_t value = cluster.value >= all.value ? 1 : 0;
        const std::size_t churn = cluster.churn > all.churn ? 1 : 0;
        const std::size_t number = ++used[value][churn];
        const std::string_view kind = kinds[value][churn];
        names[order[rank]] = {number == 1 ? std::string(kind) : fmt::format("{} {}", kind, number), rank + 1};
    }
    return names;
}

}  // namespace clv
