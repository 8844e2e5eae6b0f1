#include "knapsack_core.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace clv::decisions {

std::vector<OpenCustomer> customers_of(const KnapsackCore& core) {
    std::vector<OpenCustomer> customers;
    for (std::size_t d = 0; d < core.deviations.size(); ++d) {
        const Deviation& deviation = core.deviations[d];
        if (d == 0 || deviation.customer != core.deviations[d - 1].customer) {
            customers.push_back({d, d, deviation.regret});
        }
        customers.back().end = d + 1;
        customers.back().least_regret = std::min(customers.back().least_regret, deviation.regret);
    }
    return customers;
}

std::int64_t gain_of(const KnapsackCore& core, const Deviations& taken) {
    return std::accumulate(taken.begin(), taken.end(), std::int64_t{0},
                           [&](std::int64_t sum, std::size_t d) { return sum + core.deviations[d].profit; });
}

Deviations translate(const KnapsackCore& from, const Deviations& taken, const KnapsackCore& to) {
    std::map<std::uint32_t, std::uint8_t> choice;
    for (const std::size_t d : taken) {
        choice.emplace(from.deviations[d].customer, from.deviations[d].to);
    }
    Deviations translated;
    for (std::size_t d = 0; d < to.deviations.size(); ++d) {
        const auto found = choice.find(to.deviations[d].customer);
        if (found != choice.end() && found->second == to.deviations[d].to) {
            translated.push_back(d);
        }
    }
    return translated;
}

}  // namespace clv::decisions
