#include "relaxation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "clv/data/tables/content_hash.hpp"
#include "clv/risk/fixed_point.hpp"

namespace clv::decisions {

namespace {

constexpr std::size_t most_open = 6'000;  // customers whose choice is made anew
constexpr std::size_t sample_size = 6'000;
constexpr double share_for_ties = 2.0e-7;  // of a typical objective: what it may cost the bound

/// The dual of customers who may use this share of the bounds.
DualFunction dual_of(const PricedCustomers& customers, const std::vector<LimitSide>& sides, double share) {
    return [&customers, &sides, share](std::span<const double> prices) {
        const Response response = customers.respond(prices);
        DualPoint point{std::vector<double>(prices.begin(), prices.end()), response.objective, {}};
        for (std::size_t j = 0; j < sides.size(); ++j) {
            const double room = share * sides[j].reach() - response.use[j];
            point.slope.push_back(room);
            point.value += prices[j] * room;
        }
        return point;
    };
}

/// Typical prices: what everybody would earn without limits, per unit of what that would use.
std::vector<double> typical_prices(const PricedCustomers& customers, const std::vector<LimitSide>& sides,
                                   double share) {
    const Response free = customers.respond(std::vector<double>(sides.size(), 0.0));
    const double objective = std::max(std::abs(free.objective), 1.0e-6);
    std::vector<double> scale;
    for (std::size_t j = 0; j < sides.size(); ++j) {
        const double use = std::max({std::abs(free.use[j]), std::abs(share * sides[j].bound), 1.0e-9 * objective});
        scale.push_back(objective / use);
    }
    return scale;
}

/// From no prices at all to any.
DualSearch whole_search(std::vector<double> scale) {
    constexpr double beyond_all_prices = 1.0e9;  // in scales
    DualSearch search;
    search.start.assign(scale.size(), 0.0);
    search.lowest.assign(scale.size(), 0.0);
    for (const double typical : scale) {
        search.highest.push_back(beyond_all_prices * typical);
    }
    search.scale = std::move(scale);
    return search;
}

/// Mean magnitude over all that is open.
double typical_objective(const UpliftTable& table) {
    OrderFreeSum sum;
    std::size_t count = 0;
    for (std::size_t cell = 0; cell < table.expected_profit.size(); ++cell) {
        if (!std::isnan(table.expected_profit[cell])) {
            sum.add(std::abs(table.maximised()[cell]));
            ++count;
        }
    }
    return sum.value() / static_cast<double>(std::max<std::size_t>(count, 1));
}

/// Prices of a sample, near those of everybody. Customers are drawn by their ids, so that their order does not matter.
std::vector<double> sample_prices(const UpliftTable& table, const std::vector<LimitRow>& rows,
                                  const std::vector<LimitSide>& sides, double tie_break) {
    const std::size_t one_in = table.size() / sample_size;
    std::vector<std::uint32_t> drawn;
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        if (customer_id_hash(table.customer_id[i]) % one_in == 0) {
            drawn.push_back(i);
        }
    }
    const PricedCustomers sample(table, rows, sides, drawn, tie_break);
    const double share = static_cast<double>(drawn.size()) / static_cast<double>(table.size());
    DualSearch search = whole_search(typical_prices(sample, sides, share));
    search.tolerance = 1.0e-5;
    return minimise_dual(dual_of(sample, sides, share), search).point.prices;
}

/// The least value of the dual of a plan that earns nothing, over prices up to the scale of each side: below 0 where
/// the sides conflict.
double conflict(const UpliftTable& nothing_earned, const std::vector<LimitRow>& rows,
                const std::vector<std::uint32_t>& everybody) {
    const std::vector<LimitSide> sides = limit_sides(rows);
    const PricedCustomers all(nothing_earned, rows, sides, everybody);
    std::vector<double> scale;
    const Response free = all.respond(std::vector<double>(sides.size(), 0.0));
    for (std::size_t j = 0; j < sides.size(); ++j) {
        scale.push_back(1.0 / std::max({std::abs(free.use[j]), std::abs(sides[j].bound), 1.0e-9}));
    }
    DualSearch search{std::vector<double>(sides.size(), 0.0), scale, std::vector<double>(sides.size(), 0.0), scale};
    search.magnitude = 1.0;
    return minimise_dual(dual_of(all, sides, 1.0), search).point.value;
}

}  // namespace

Relaxation relax_limits(const UpliftTable& table, const std::vector<LimitRow>& rows,
                        const std::vector<LimitSide>& sides) {
    std::vector<std::uint32_t> everybody(table.size());
    std::iota(everybody.begin(), everybody.end(), 0U);
    Relaxation relaxed;
    relaxed.tie_break = typical_objective(table) * share_for_ties;
    {
        const PricedCustomers all(table, rows, sides, everybody, relaxed.tie_break);
        DualSearch search = whole_search(typical_prices(all, sides, 1.0));
        if (table.size() >= 2 * sample_size) {
            search.start = sample_prices(table, rows, sides, relaxed.tie_break);
            search.radius = 0.05;
        }
        DualMinimum minimum = minimise_dual(dual_of(all, sides, 1.0), search);
        relaxed.prices = std::move(minimum.point.prices);
        relaxed.action.resize(table.size());
        relaxed.response = all.respond(relaxed.prices, relaxed.action);
        relaxed.open = all.closest(relaxed.prices, most_open);
    }
    // the bound is that of the objective itself
    const PricedCustomers unbroken(table, rows, sides, everybody);
    relaxed.bound = dual_of(unbroken, sides, 1.0)(relaxed.prices).value;
    return relaxed;
}

std::vector<std::size_t> conflicting_rows(const UpliftTable& table, const std::vector<LimitRow>& rows) {
    constexpr double clearly = -1.0e-9;
    std::vector<std::uint32_t> everybody(table.size());
    std::iota(everybody.begin(), everybody.end(), 0U);
    UpliftTable nothing_earned = table;
    nothing_earned.objective = table.expected_profit;
    for (double& objective : nothing_earned.objective) {
        objective = std::isnan(objective) ? objective : 0.0;
    }
    std::vector<std::size_t> kept(rows.size());
    std::iota(kept.begin(), kept.end(), std::size_t{0});
    const auto is_conflict = [&](const std::vector<std::size_t>& some) {
        std::vector<LimitRow> few;
        for (const std::size_t r : some) {
            few.push_back(rows[r]);
        }
        return !few.empty() && conflict(nothing_earned, few, everybody) < clearly;
    };
    if (!is_conflict(kept)) {
        return {};
    }
    for (std::size_t k = 0; k < kept.size();) {  // what can go without ending the conflict has no part in it
        std::vector<std::size_t> without = kept;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(k));
        if (is_conflict(without)) {
            kept = std::move(without);
        } else {
            ++k;
        }
    }
    return kept;
}

}  // namespace clv::decisions
