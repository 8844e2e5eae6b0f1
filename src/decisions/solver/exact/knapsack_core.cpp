#include "knapsack_core.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
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

Wide gain_of(const KnapsackCore& core, const Deviations& taken) {
    return std::accumulate(taken.begin(), taken.end(), Wide{0},
                           [&](Wide sum, std::size_t d) { return sum + core.deviations[d].profit; });
}

bool fits(const KnapsackCore& core, const Deviations& taken) {
    for (std::size_t r = 0; r < core.rows; ++r) {
        Wide used = 0;
        for (const std::size_t d : taken) {
            used += core.use_of(d)[r];
        }
        if (used > core.room[r]) {
            return false;
        }
    }
    return true;
}

double rounding_of(const KnapsackCore& core, std::span<const double> prices) {
    constexpr double relative = 1.0e-12;
    double size = 0.0;
    for (const Deviation& deviation : core.deviations) {
        size = std::max(size, std::abs(static_cast<double>(deviation.profit)));
    }
    for (std::size_t r = 0; r < core.rows; ++r) {
        size +=
            prices[r] * (core.room[r] == KnapsackCore::unlimited ? 0.0 : std::abs(static_cast<double>(core.room[r])));
    }
    return relative * size;
}

double least_improvement(const KnapsackCore& core, std::span<const double> prices) {
    constexpr double close = 1.0e-6;    // of a unit
    constexpr double largest = 1.0e15;  // that is told from its neighbours
    const double rounding = rounding_of(core, prices);
    for (const double decimals : {1.0, 1.0e1, 1.0e2, 1.0e3, 1.0e4, 1.0e6, 1.0e9}) {
        const double unit = core.per_currency / decimals;
        std::int64_t divisor = 0;
        double furthest = 0.0;
        for (const Deviation& deviation : core.deviations) {
            const double amount = static_cast<double>(deviation.profit) / unit;
            const double whole = std::nearbyint(amount);
            furthest = std::abs(whole) < largest ? std::max(furthest, std::abs(amount - whole)) : 1.0;
            if (furthest > close) {
                break;
            }
            divisor = std::gcd(divisor, static_cast<std::int64_t>(whole));
        }
        if (furthest <= close && divisor > 0) {
            const double apart = static_cast<double>(core.deviations.size()) * 2.0 * furthest;
            return std::max(rounding, unit * (static_cast<double>(divisor) - apart) - rounding);
        }
    }
    return rounding;
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
