#include "relaxation.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "clv/risk/fixed_point.hpp"

namespace clv::decisions {

namespace {

constexpr std::size_t most_at_once = 6'000;  // customers that are all kept open
constexpr std::size_t sample_size = 3'000;
constexpr double share_for_ties = 2.0e-7;  // of a typical objective: what it may cost the bound

/// bounds x share minus what `settled` uses, for customers who are still to be settled.
DualFunction dual_of(const PricedCustomers& customers, const std::vector<LimitSide>& sides, double share,
                     const Response* settled) {
    return [&customers, &sides, share, settled](std::span<const double> prices) {
        const Response response = customers.respond(prices);
        DualPoint point{std::vector<double>(prices.begin(), prices.end()), response.objective, {}};
        point.value += settled != nullptr ? settled->objective : 0.0;
        for (std::size_t j = 0; j < sides.size(); ++j) {
            const double room = share * sides[j].bound - response.use[j] - (settled != nullptr ? settled->use[j] : 0.0);
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

class Relaxer {
  public:
    Relaxer(const UpliftTable& table, const std::vector<LimitRow>& rows, const std::vector<LimitSide>& sides)
        : table_(table), rows_(rows), sides_(sides), everybody_(table.size()) {
        std::iota(everybody_.begin(), everybody_.end(), 0U);
    }
    [[nodiscard]] Relaxation relax();

  private:
    [[nodiscard]] std::vector<double> sample_prices() const;
    [[nodiscard]] std::vector<std::uint32_t> open_within(std::span<const double> centre,
                                                         std::span<const double> reach) const;
    [[nodiscard]] DualMinimum minimise(const PricedCustomers& all, std::vector<std::uint32_t>& open) const;

    const UpliftTable& table_;
    const std::vector<LimitRow>& rows_;
    const std::vector<LimitSide>& sides_;
    std::vector<std::uint32_t> everybody_;
    double tie_break_ = 0.0;
};

/// Customers are drawn by their ids, so that their order does not matter.
std::vector<double> Relaxer::sample_prices() const {
    const std::size_t one_in = table_.size() / sample_size;
    std::vector<std::uint32_t> drawn;
    for (const std::uint32_t customer : everybody_) {
        if (std::hash<std::string_view>{}(table_.customer_id[customer]) % one_in == 0) {
            drawn.push_back(customer);
        }
    }
    const PricedCustomers sample(table_, rows_, sides_, drawn, tie_break_);
    const double share = static_cast<double>(drawn.size()) / static_cast<double>(table_.size());
    DualSearch search = whole_search(typical_prices(sample, sides_, share));
    search.tolerance = 1.0e-5;
    return minimise_dual(dual_of(sample, sides_, share, nullptr), search).point.prices;
}

/// Customers for whom some prices within reach of the centre could change the choice at the centre.
std::vector<std::uint32_t> Relaxer::open_within(std::span<const double> centre, std::span<const double> reach) const {
    const std::size_t actions = table_.actions.size();
    const std::vector<double>& objective = table_.maximised();
    std::vector<double> weight(actions * sides_.size());
    std::vector<double> value(actions);
    std::vector<std::uint32_t> open;
    for (const std::uint32_t i : everybody_) {
        std::size_t best = actions;
        for (std::size_t a = 0; a < actions; ++a) {
            value[a] = objective[table_.cell(i, a)];
            if (std::isnan(value[a])) {
                continue;
            }
            for (std::size_t j = 0; j < sides_.size(); ++j) {
                const double use = sides_[j].sign * rows_[sides_[j].row].column.weight(table_, i, a);
                weight[a * sides_.size() + j] = use;
                value[a] -= centre[j] * use;
            }
            best = best == actions || value[a] > value[best] ? a : best;
        }
        for (std::size_t a = 0; a < actions; ++a) {
            double swing = 0.0;
            for (std::size_t j = 0; j < sides_.size(); ++j) {
                swing += reach[j] * std::abs(weight[a * sides_.size() + j] - weight[best * sides_.size() + j]);
            }
            if (a != best && value[best] - value[a] <= swing) {  // false for NaN
                open.push_back(i);
                break;
            }
        }
    }
    return open;
}

/// The minimum over everybody, found on the customers who are open around it.
DualMinimum Relaxer::minimise(const PricedCustomers& all, std::vector<std::uint32_t>& open) const {
    constexpr int most_tries = 12;
    const std::size_t sides = sides_.size();
    const std::vector<double> scale = typical_prices(all, sides_, 1.0);
    std::vector<double> centre = sample_prices();
    double width = 1.0;
    for (int tries = 0; tries < most_tries; ++tries) {
        std::vector<double> reach(sides);
        DualSearch search{centre, {}, {}, {}};
        for (std::size_t j = 0; j < sides; ++j) {
            reach[j] = width * (0.05 * centre[j] + 0.01 * scale[j]);
            search.lowest.push_back(std::max(0.0, centre[j] - reach[j]));
            search.highest.push_back(centre[j] + reach[j]);
        }
        search.scale = reach;
        search.radius = 0.25;
        open = open_within(centre, reach);
        const PricedCustomers few(table_, rows_, sides_, open, tie_break_);
        Response settled = all.respond(centre);
        const Response unsettled = few.respond(centre);
        settled.objective -= unsettled.objective;
        for (std::size_t j = 0; j < sides; ++j) {
            settled.use[j] -= unsettled.use[j];
        }
        DualMinimum minimum = minimise_dual(dual_of(few, sides_, 1.0, &settled), search);
        bool is_inside = true;
        for (std::size_t j = 0; j < sides; ++j) {
            const double edge = 1.0e-6 * reach[j];
            const double price = minimum.point.prices[j];
            is_inside = is_inside && price < search.highest[j] - edge &&
                        (search.lowest[j] == 0.0 || price > search.lowest[j] + edge);
        }
        if (is_inside) {
            return minimum;
        }
        centre = minimum.point.prices;
        width *= 1.5;
    }
    open = everybody_;
    DualSearch search = whole_search(scale);
    search.start = centre;
    return minimise_dual(dual_of(all, sides_, 1.0, nullptr), search);
}

Relaxation Relaxer::relax() {
    tie_break_ = typical_objective(table_) * share_for_ties;
    const PricedCustomers all(table_, rows_, sides_, everybody_, tie_break_);
    Relaxation relaxation;
    relaxation.tie_break = tie_break_;
    if (table_.size() > most_at_once) {
        relaxation.prices = minimise(all, relaxation.open).point.prices;
    } else {
        const DualSearch search = whole_search(typical_prices(all, sides_, 1.0));
        relaxation.open = everybody_;
        relaxation.prices = minimise_dual(dual_of(all, sides_, 1.0, nullptr), search).point.prices;
    }
    std::vector<std::uint8_t> action;
    relaxation.response = all.respond(relaxation.prices, &action);
    // the bound is that of the objective itself
    const PricedCustomers unbroken(table_, rows_, sides_, everybody_);
    relaxation.bound = dual_of(unbroken, sides_, 1.0, nullptr)(relaxation.prices).value;
    relaxation.action.resize(table_.size());
    for (std::size_t k = 0; k < action.size(); ++k) {
        relaxation.action[all.customer()[k]] = action[k];
    }
    return relaxation;
}

/// The least by which some side's bounds are missed, priced, over prices up to `scale`: below 0 where the sides
/// conflict.
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
    return minimise_dual(dual_of(all, sides, 1.0, nullptr), search).point.value;
}

}  // namespace

Relaxation relax_limits(const UpliftTable& table, const std::vector<LimitRow>& rows,
                        const std::vector<LimitSide>& sides) {
    return Relaxer(table, rows, sides).relax();
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
