#include "whole_plans.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "clv/core/progress.hpp"
#include "clv/risk/decimal_level.hpp"
#include "clv/risk/fixed_point.hpp"
#include "decisions/solver/scaled_knapsack.hpp"
#include "tail_weights.hpp"

namespace clv::decisions {

namespace {

constexpr double most_amounts = 4.0e6;         // of gains that are kept: 32 MiB
constexpr std::size_t most_choices = 300;      // each needs a simulation of its own,
constexpr std::size_t most_looks = 3'000'000;  // in which every customer is looked at
constexpr double path_steps = 1.0e8;           // of sets that are looked at
constexpr double path_steps_if_exact = 2.0e9;

/// Everybody's best choice at the multipliers, the first of equals.
std::vector<std::uint8_t> choices_at(const WholePlanSearch& search) {
    const UpliftTable& table = search.priced;
    std::vector<std::uint8_t> choice(table.size(), 0);
    for (std::size_t i = 0; i < table.size(); ++i) {
        double best = -std::numeric_limits<double>::infinity();
        for (std::size_t a = 0; a < table.actions.size(); ++a) {
            double value = table.is_open(i, a) ? table.objective[table.cell(i, a)] : best;
            for (std::size_t r = 0; r < search.rows.size() && table.is_open(i, a); ++r) {
                value -= search.multipliers[r] == 0.0
                             ? 0.0
                             : search.multipliers[r] * search.rows[r].column.weight(table, i, a);
            }
            if (value > best) {
                best = value;
                choice[i] = static_cast<std::uint8_t>(a);
            }
        }
    }
    return choice;
}

/// The customers of least regret, as many as may be looked at; nobody else deviates at a regret below `beyond`.
struct Nearest {
    std::vector<std::uint32_t> customers;
    double beyond = std::numeric_limits<double>::infinity();
};

Nearest nearest_of(const KnapsackCore& core, std::size_t most) {
    std::vector<OpenCustomer> customers = customers_of(core);
    std::stable_sort(customers.begin(), customers.end(),
                     [](const OpenCustomer& a, const OpenCustomer& b) { return a.least_regret < b.least_regret; });
    Nearest nearest;
    for (std::size_t k = 0; k < customers.size(); ++k) {
        if (k == most) {
            nearest.beyond = customers[k].least_regret;
            break;
        }
        nearest.customers.push_back(core.deviations[customers[k].first].customer);
    }
    return nearest;
}

class WholePlans final : public SetValue {
  public:
    explicit WholePlans(const WholePlanSearch& search);
    [[nodiscard]] WholePlan solve(std::span<const std::uint8_t> start);

    void push(std::size_t deviation) override {
        ++depth_;
        if (totals_.size() <= depth_) {
            totals_.emplace_back();
        }
        totals_[depth_] = totals_[depth_ - 1];
        add(totals_[depth_], more_[deviation]);
    }
    void pop() override { --depth_; }
    [[nodiscard]] double loss() override { return (bound_ - objective(totals_[depth_])) * units_; }

  private:
    struct Switch {
        std::uint32_t customer;
        std::uint8_t to;
        double promised;  ///< under the tail's weights of the total at hand: no less than what it adds
        std::vector<double> more;
        std::vector<Wide> use;
    };

    static void add(std::vector<double>& total, std::span<const double> more) {
        for (std::size_t s = 0; s < total.size(); ++s) {
            total[s] += more[s];
        }
    }
    [[nodiscard]] double objective(std::span<const double> total) const {
        return (1.0 - search_.risk_weight) * mean_of(total) + search_.risk_weight * cvar_of(total, search_.cvar_level);
    }
    /// [path]: what the customer's action adds.
    [[nodiscard]] std::vector<double> gain_of_choice(std::uint32_t customer, std::uint8_t action) {
        if (action == 0) {
            return std::vector<double>(search_.without.size(), 0.0);
        }
        assignment_[customer] = action;
        std::vector<double> gain = search_.portfolio.gain(assignment_);
        assignment_[customer] = 0;
        return gain;
    }
    [[nodiscard]] std::vector<double> total_under(std::span<const std::uint8_t> action) {
        std::vector<double> total = search_.portfolio.gain(action);
        add(total, search_.without);
        return total;
    }
    void set_bound();
    void choose_core(double incumbent);
    void exchange(WholePlan& plan);
    [[nodiscard]] std::vector<Wide> room_left(std::span<const std::uint8_t> action) const;
    [[nodiscard]] std::vector<Switch> switches_from(std::span<const std::uint8_t> action,
                                                    std::span<const double> total) const;
    [[nodiscard]] bool exchange_once(WholePlan& plan, std::vector<double>& total);

    const WholePlanSearch& search_;
    std::vector<std::uint8_t> base_;  ///< what everybody chooses at the multipliers
    std::vector<double> side_prices_;
    MoneyScale scale_;
    double units_;
    double steps_left_ = path_steps;  ///< of exchanges
    double bound_ = 0.0;              ///< currency: Lagrange's, at the path weights and multipliers
    ScaledKnapsack scaled_;
    double beyond_ = 0.0;                    ///< units: nobody outside the core deviates at less regret
    std::vector<std::vector<double>> more_;  ///< [deviation][path]: against the base choice
    std::vector<std::uint8_t> assignment_;
    std::vector<std::vector<double>> totals_;  ///< [depth][path]
    std::size_t depth_ = 0;
};

MoneyScale scale_of(const UpliftTable& table) {
    double largest = 0.0;
    for (const double profit : table.objective) {
        largest = std::isnan(profit) ? largest : std::max(largest, std::abs(profit));
    }
    return MoneyScale(largest);
}

WholePlans::WholePlans(const WholePlanSearch& search)
    : search_(search),
      base_(choices_at(search)),
      scale_(scale_of(search.priced)),
      units_(scale_.per_currency()),
      assignment_(search.priced.size(), 0) {
    for (const LimitSide& side : search.sides) {
        side_prices_.push_back(std::max(0.0, side.sign * search.multipliers[side.row]));
    }
    set_bound();
}

void WholePlans::set_bound() {
    const UpliftTable& table = search_.priced;
    OrderFreeSum sum;
    for (std::size_t s = 0; s < search_.without.size(); ++s) {
        sum.add(search_.path_weights[s] * search_.without[s]);
    }
    for (std::size_t i = 0; i < table.size(); ++i) {
        sum.add(table.objective[table.cell(i, base_[i])]);
    }
    for (std::size_t j = 0; j < search_.sides.size(); ++j) {
        const LimitSide& side = search_.sides[j];
        sum.add(side_prices_[j] * side.reach());
        for (std::size_t i = 0; i < table.size() && side_prices_[j] != 0.0; ++i) {
            sum.add(-side_prices_[j] * side.sign * search_.rows[side.row].column.weight(table, i, base_[i]));
        }
    }
    bound_ = sum.nearest();
}

/// All that could be part of something better than the incumbent, of as many customers as may be looked at.
void WholePlans::choose_core(double incumbent) {
    const UpliftTable& table = search_.priced;
    const KnapsackBase base{table, scale_, search_.rows, search_.sides, base_, side_prices_};
    std::vector<std::uint32_t> everybody(table.size());
    std::iota(everybody.begin(), everybody.end(), 0U);
    const double gap = (bound_ - incumbent) * units_ * (1.0 + 1.0e-9);
    scaled_ = scaled_knapsack(base, std::move(everybody), gap);
    const std::size_t actions = table.actions.size();
    const auto by_memory = static_cast<std::size_t>(most_amounts / static_cast<double>(search_.without.size()));
    const std::size_t by_looks = most_looks / std::max<std::size_t>(table.size(), 1);
    const std::size_t most = std::min({most_choices, by_memory, by_looks}) / actions;
    Nearest nearest = nearest_of(scaled_.core, most);
    beyond_ = std::min(nearest.beyond, gap);
    scaled_ = scaled_knapsack(base, std::move(nearest.customers), gap);
    more_.clear();
    std::uint32_t last = std::numeric_limits<std::uint32_t>::max();
    std::vector<double> of_base;
    for (const Deviation& deviation : scaled_.core.deviations) {
        throw_if_interrupted();
        if (deviation.customer != last) {
            last = deviation.customer;
            of_base = gain_of_choice(last, base_[last]);
        }
        std::vector<double> more = gain_of_choice(last, deviation.to);
        for (std::size_t s = 0; s < more.size(); ++s) {
            more[s] -= of_base[s];
        }
        more_.push_back(std::move(more));
    }
}

/// [row]: what a plan leaves of the room.
std::vector<Wide> WholePlans::room_left(std::span<const std::uint8_t> action) const {
    std::vector<Wide> left;
    for (std::size_t j = 0; j < search_.sides.size(); ++j) {
        const LimitSide& side = search_.sides[j];
        left.push_back(scaled_.scale[j].most(side.bound, side.allowance));
        for (std::size_t i = 0; i < action.size(); ++i) {
            left[j] -=
                scaled_.scale[j].units(side.sign * search_.rows[side.row].column.weight(search_.priced, i, action[i]));
        }
    }
    return left;
}

/// All that customers of the core could have instead of what they have in a plan.
std::vector<WholePlans::Switch> WholePlans::switches_from(std::span<const std::uint8_t> action,
                                                          std::span<const double> total) const {
    const KnapsackCore& core = scaled_.core;
    const std::vector<double> tail = tail_weights(total, DecimalLevel(search_.cvar_level));
    std::vector<Switch> switches;
    for (const OpenCustomer& entry : customers_of(core)) {
        const std::uint32_t customer = core.deviations[entry.first].customer;
        const std::size_t base = entry.end;  // the base choice
        std::size_t now = base;
        for (std::size_t d = entry.first; d < entry.end; ++d) {
            now = core.deviations[d].to == action[customer] ? d : now;
        }
        for (std::size_t d = entry.first; d <= base; ++d) {
            if (d == now) {
                continue;
            }
            Switch to{customer, d == base ? base_[customer] : core.deviations[d].to, 0.0, {}, {}};
            for (std::size_t s = 0; s < total.size(); ++s) {
                to.more.push_back((d == base ? 0.0 : more_[d][s]) - (now == base ? 0.0 : more_[now][s]));
                to.promised += to.more[s] * ((1.0 - search_.risk_weight) / static_cast<double>(total.size()) +
                                             search_.risk_weight * tail[s]);
            }
            for (std::size_t j = 0; j < core.rows; ++j) {
                to.use.push_back((d == base ? Wide{0} : core.use_of(d)[j]) -
                                 (now == base ? Wide{0} : core.use_of(now)[j]));
            }
            switches.push_back(std::move(to));
        }
    }
    return switches;
}

/// The best switch of one customer that keeps the limits, or else a good one of two; false: none is better.
bool WholePlans::exchange_once(WholePlan& plan, std::vector<double>& total) {
    const std::vector<Wide> left = room_left(plan.action);
    const std::vector<Switch> switches = switches_from(plan.action, total);
    const double enough = 1.0e-12 * std::max(std::abs(plan.objective), std::abs(bound_));
    double best = plan.objective + enough;
    const Switch* first = nullptr;
    const Switch* second = nullptr;
    std::vector<double> trial(total.size());
    const auto consider = [&](const Switch& a, const Switch* b) {
        if (steps_left_ <= 0.0 || plan.objective + a.promised + (b != nullptr ? b->promised : 0.0) <= best) {
            return;
        }
        for (std::size_t j = 0; j < left.size(); ++j) {
            if (a.use[j] + (b != nullptr ? b->use[j] : Wide{0}) > left[j]) {
                return;
            }
        }
        steps_left_ -= static_cast<double>(total.size());
        trial = total;
        add(trial, a.more);
        if (b != nullptr) {
            add(trial, b->more);
        }
        if (const double value = objective(trial); value > best) {
            best = value;
            first = &a;
            second = b;
        }
    };
    for (const Switch& one : switches) {
        consider(one, nullptr);
    }
    for (std::size_t a = 0; a < switches.size() && first == nullptr; ++a) {
        throw_if_interrupted();
        for (std::size_t b = a + 1; b < switches.size(); ++b) {
            if (switches[a].customer != switches[b].customer) {
                consider(switches[a], &switches[b]);
            }
        }
    }
    for (const Switch* taken : {first, second}) {
        if (taken != nullptr) {
            plan.action[taken->customer] = taken->to;
            add(total, taken->more);
        }
    }
    plan.objective = first != nullptr ? best : plan.objective;
    return first != nullptr;
}

void WholePlans::exchange(WholePlan& plan) {
    constexpr int most_rounds = 50;
    std::vector<double> total = total_under(plan.action);
    plan.objective = objective(total);
    for (int round = 0; round < most_rounds && exchange_once(plan, total); ++round) {
    }
    plan.objective = objective(total_under(plan.action));  // sums of exchanges are rounded
}

WholePlan WholePlans::solve(std::span<const std::uint8_t> start) {
    WholePlan plan{{start.begin(), start.end()}, objective(total_under(start)), bound_};
    choose_core(plan.objective);
    exchange(plan);
    totals_.assign(1, total_under(base_));
    depth_ = 0;
    const std::vector<double> prices =
        unit_prices({search_.priced, scale_, search_.rows, search_.sides, base_, side_prices_}, scaled_);
    const double steps = search_.exact ? path_steps_if_exact : path_steps;
    const auto sets = static_cast<std::int64_t>(steps / static_cast<double>(search_.without.size()));
    const double loss = (bound_ - plan.objective) * units_;
    const Enumeration listed = enumerate_by_regret(scaled_.core, prices, *this, loss, sets);
    if (listed.best) {
        plan.action = base_;
        for (const std::size_t d : *listed.best) {
            plan.action[scaled_.core.deviations[d].customer] = scaled_.core.deviations[d].to;
        }
        plan.objective = objective(total_under(plan.action));
    }
    const bool is_proven = listed.is_proven && beyond_ >= (bound_ - plan.objective) * units_;
    plan.upper_bound =
        is_proven ? plan.objective : std::max(plan.objective, bound_ - std::min(listed.least_loss, beyond_) / units_);
    return plan;
}

}  // namespace

WholePlan search_whole_plans(const WholePlanSearch& search, std::span<const std::uint8_t> start) {
    return WholePlans(search).solve(start);
}

}  // namespace clv::decisions
