#include "scaled_knapsack.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace clv::decisions {

namespace {

/// What sides add up, and its scales.
class Uses {
  public:
    explicit Uses(const KnapsackBase& base)
        : base_(base),
          largest_(base.sides.size(), 0.0),
          smallest_(base.sides.size(), std::numeric_limits<double>::infinity()) {}

    [[nodiscard]] double of(std::uint32_t customer, std::size_t action, std::size_t side) const {
        const LimitSide& limit = base_.sides[side];
        return limit.sign * base_.rows[limit.row].column.weight(base_.table, customer, action);
    }
    void see(std::uint32_t customer, std::size_t action) {
        for (std::size_t j = 0; j < largest_.size(); ++j) {
            const double magnitude = std::abs(of(customer, action, j));
            largest_[j] = std::max(largest_[j], magnitude);
            smallest_[j] = magnitude > 0.0 ? std::min(smallest_[j], magnitude) : smallest_[j];
        }
    }
    /// Of all that was seen. Differences, which `min_roi` adds up, may be small and whole numbers of units all the
    /// same.
    void set_scales(ScaledKnapsack& scaled) const {
        for (std::size_t j = 0; j < largest_.size(); ++j) {
            scaled.scale.emplace_back(largest_[j]);
            scaled.has_exact_units =
                scaled.has_exact_units && (scaled.scale[j].holds(smallest_[j]) || is_whole(j, scaled.scale[j]));
        }
    }

  private:
    [[nodiscard]] bool is_whole(std::size_t side, const MoneyScale& scale) const {
        for (std::uint32_t i = 0; i < base_.table.size(); ++i) {
            for (std::size_t a = 0; a < base_.table.actions.size(); ++a) {
                const double amount = base_.table.is_open(i, a) ? of(i, a, side) : 0.0;
                if (std::abs(amount) <= largest_[side] && scale.money(scale.units(amount)) != amount) {
                    return false;
                }
            }
        }
        return true;
    }

    const KnapsackBase& base_;
    std::vector<double> largest_;
    std::vector<double> smallest_;
};

}  // namespace

ScaledKnapsack scaled_knapsack(const KnapsackBase& base, std::vector<std::uint32_t> customers, double most_regret) {
    const UpliftTable& table = base.table;
    std::sort(customers.begin(), customers.end(),
              [&](std::uint32_t a, std::uint32_t b) { return table.customer_id[a] < table.customer_id[b]; });
    const std::size_t sides = base.sides.size();
    const std::size_t actions = table.actions.size();
    const auto everybody = static_cast<std::uint32_t>(table.size());
    Uses uses(base);
    for (std::uint32_t i = 0; i < everybody; ++i) {
        uses.see(i, base.action[i]);
    }
    for (const std::uint32_t i : customers) {
        for (std::size_t a = 0; a < actions; ++a) {
            if (table.is_open(i, a)) {
                uses.see(i, a);
            }
        }
    }
    ScaledKnapsack scaled;
    uses.set_scales(scaled);
    KnapsackCore& core = scaled.core;
    core.rows = sides;
    core.per_currency = base.profit_scale.per_currency();
    for (std::size_t j = 0; j < sides; ++j) {
        Wide room = scaled.scale[j].most(base.sides[j].bound, base.sides[j].allowance);
        for (std::uint32_t i = 0; i < everybody; ++i) {
            room -= scaled.scale[j].units(uses.of(i, base.action[i], j));
        }
        core.room.push_back(std::clamp(room, -KnapsackCore::unlimited, KnapsackCore::unlimited));
    }
    const std::vector<double> prices = unit_prices(base, scaled);
    const auto profit_of = [&](std::uint32_t customer, std::size_t action) {
        return base.profit_scale.units(table.maximised()[table.cell(customer, action)]);
    };
    std::vector<Wide> more(sides);
    for (const std::uint32_t i : customers) {
        for (std::size_t a = 0; a < actions; ++a) {
            if (a == base.action[i] || !table.is_open(i, a)) {
                continue;
            }
            const Wide profit = profit_of(i, a) - profit_of(i, base.action[i]);
            double regret = -static_cast<double>(profit);
            for (std::size_t j = 0; j < sides; ++j) {
                more[j] =
                    scaled.scale[j].units(uses.of(i, a, j)) - scaled.scale[j].units(uses.of(i, base.action[i], j));
                regret += prices[j] * static_cast<double>(more[j]);
            }
            if (regret <= most_regret) {
                core.deviations.push_back({i, static_cast<std::uint8_t>(a), profit, regret});
                core.use.insert(core.use.end(), more.begin(), more.end());
            }
        }
    }
    return scaled;
}

std::vector<double> unit_prices(const KnapsackBase& base, const ScaledKnapsack& scaled) {
    std::vector<double> per_unit;
    for (std::size_t j = 0; j < base.prices.size(); ++j) {
        per_unit.push_back(base.prices[j] * base.profit_scale.per_currency() / scaled.scale[j].per_currency());
    }
    return per_unit;
}

}  // namespace clv::decisions
