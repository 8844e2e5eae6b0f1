#include "clv/decisions/optimizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

__extension__ using Wide = __int128;

constexpr std::size_t most_actions = 256;  // an action is a byte in an assignment
constexpr double largest_amount = 1.0e20;
constexpr std::size_t most_trials = 32;

/// Money in whole units: 1e-9 of the currency, or the next larger power of ten that keeps every amount in 64 bits.
class MoneyScale {
  public:
    explicit MoneyScale(double largest) {
        while (largest * units_ > 4.0e18) {
            units_ /= 10.0;
        }
    }
    [[nodiscard]] std::int64_t units(double money) const { return std::llround(money * units_); }
    [[nodiscard]] Wide wide_units(double money) const {
        return static_cast<Wide>(std::min(std::nearbyint(money * units_), 1.0e37));
    }
    [[nodiscard]] Wide units_above(double money) const { return static_cast<Wide>(std::ceil(money * units_)); }
    [[nodiscard]] double money(Wide units) const { return static_cast<double>(units) / units_; }

  private:
    double units_ = 1.0e9;
};

/// A step along a customer's hull, or off it: from one action to a dearer and better one.
struct Step {
    double efficiency;  ///< profit per unit of cost
    std::int64_t cost;  ///< what the step adds, in units of cost
    std::uint32_t customer;
    std::uint8_t from;
    std::uint8_t to;
};

struct Choice {
    double profit;
    std::int64_t cost;
    std::uint8_t action;
};

void check(const UpliftTable& table, const OptimizerSettings& settings) {
    if (settings.budget.has_value() && !(*settings.budget >= 0.0 && std::isfinite(*settings.budget))) {
        throw ConfigError(
            fmt::format("a budget of {} (optimizer.budget): give an amount of at least 0, or leave it out "
                        "for no cap",
                        *settings.budget));
    }
    const std::size_t cells = table.size() * table.actions.size();
    if (table.actions.empty() || table.actions.size() > most_actions || table.expected_profit.size() != cells ||
        table.cost.size() != cells) {
        throw InputError(fmt::format(
            "an uplift table of {} customers and {} actions with {} profits and {} costs (uplift): "
            "give one of each per customer and action, and at most {} actions",
            table.size(), table.actions.size(), table.expected_profit.size(), table.cost.size(), most_actions));
    }
    for (std::size_t i = 0; i < table.size(); ++i) {
        for (std::size_t a = 0; a < table.actions.size(); ++a) {
            const std::size_t cell = table.cell(i, a);
            const double profit = table.expected_profit[cell];
            const double cost = table.cost[cell];
            if (a == 0 ? profit != 0.0 || cost != 0.0
                       : table.is_open(i, a) &&
                             !(std::abs(profit) <= largest_amount && cost >= 0.0 && cost <= largest_amount)) {
                throw InputError(fmt::format(
                    "expected_profit {} at cost {} (uplift, customer {}, action {}): {}", profit, cost,
                    table.customer_id[i], table.actions[a],
                    a == 0 ? "doing nothing has profit 0 and cost 0" : "give finite figures, and no negative cost"));
            }
        }
    }
}

/// The plan being made: choices, and the steps that lead from one to the next.
class Knapsack {
  public:
    Knapsack(const UpliftTable& table, std::optional<double> budget)
        : table_(table),
          costs_(largest(table.cost)),
          profits_(largest(table.expected_profit)),
          budget_(budget.has_value() ? costs_.wide_units(*budget) : std::numeric_limits<Wide>::max()) {
        find_hulls();
        sort(steps_);
    }

    [[nodiscard]] ActionPlan solve() const;

  private:
    /// Actions of every customer and what they add to doing only what is free.
    struct Draft {
        std::vector<std::uint8_t> action;
        Wide left;
        double gain = 0.0;
    };

    [[nodiscard]] double largest(const std::vector<double>& amounts) const {
        double most = 1.0;
        for (std::size_t cell = 0; cell < amounts.size(); ++cell) {
            most = std::isnan(table_.expected_profit[cell]) ? most : std::max(most, std::abs(amounts[cell]));
        }
        return most;
    }

    void find_hulls();
    void find_hull(std::uint32_t customer, std::span<Choice> choices);
    [[nodiscard]] bool before(const Step& a, const Step& b) const {
        if (a.efficiency != b.efficiency) {
            return a.efficiency > b.efficiency;
        }
        if (a.customer != b.customer) {
            return table_.customer_id[a.customer] < table_.customer_id[b.customer];
        }
        return a.to < b.to;
    }
    void sort(std::vector<Step>& steps) const {
        std::sort(steps.begin(), steps.end(), [this](const Step& a, const Step& b) { return before(a, b); });
    }
    [[nodiscard]] double profit(std::uint32_t customer, std::uint8_t action) const {
        return table_.expected_profit[table_.cell(customer, action)];
    }
    [[nodiscard]] std::int64_t cost(std::uint32_t customer, std::uint8_t action) const {
        return costs_.units(table_.cost[table_.cell(customer, action)]);
    }
    /// What costs more than the whole budget is out from the start: that tightens the bound, and lets every step be
    /// forced.
    [[nodiscard]] bool is_open(std::uint32_t customer, std::uint8_t action) const {
        return table_.is_open(customer, action) && cost(customer, action) <= budget_;
    }
    void take(Draft& draft, const Step& step) const {
        draft.left -= step.cost;
        draft.gain += profit(step.customer, step.to) - profit(step.customer, step.from);
        draft.action[step.customer] = step.to;
    }
    [[nodiscard]] Draft fill(const Step* forced, std::vector<const Step*>* missed) const;
    void fill_off_hull(Draft& draft) const;
    [[nodiscard]] double upper_bound(double multiplier) const;

    const UpliftTable& table_;
    MoneyScale costs_;
    MoneyScale profits_;
    Wide budget_;
    std::vector<std::uint8_t> free_;  ///< the best action without cost, per customer
    std::vector<Step> steps_;         ///< along the hulls
    std::vector<Step> detours_;       ///< from the free action to a choice off the hull
};

void Knapsack::find_hulls() {
    free_.assign(table_.size(), 0);
    // Growing by doubling would need up to three times the memory; what is reserved and stays unused costs none.
    steps_.reserve(static_cast<std::size_t>(
        std::count_if(table_.expected_profit.begin(), table_.expected_profit.end(), [](double p) { return p > 0.0; })));
    std::vector<Choice> choices;
    for (std::uint32_t i = 0; i < table_.size(); ++i) {
        choices.clear();
        for (std::size_t a = 1; a < table_.actions.size(); ++a) {
            const auto action = static_cast<std::uint8_t>(a);
            if (is_open(i, action) && profit(i, action) > 0.0) {
                choices.push_back({profit(i, action), cost(i, action), action});
            }
        }
        find_hull(i, choices);
    }
}

void Knapsack::find_hull(std::uint32_t customer, std::span<Choice> choices) {
    std::sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
        if (a.cost != b.cost) {
            return a.cost < b.cost;
        }
        return a.profit != b.profit ? a.profit > b.profit : a.action < b.action;
    });
    const auto efficiency = [](const Choice& from, const Choice& to) {
        return (to.profit - from.profit) / static_cast<double>(to.cost - from.cost);
    };
    Choice start{0.0, 0, 0};
    if (!choices.empty() && choices.front().cost == 0) {
        start = choices.front();
    }
    free_[customer] = start.action;

    std::array<Choice, most_actions> hull;
    std::array<double, most_actions> steepness;  // of the step that ends in hull[k]
    std::size_t last = 0;
    hull[0] = start;
    double best_profit = start.profit;
    for (const Choice& choice : choices) {
        if (choice.profit <= best_profit) {
            continue;  // dearer, and no better
        }
        best_profit = choice.profit;
        while (last > 0 && efficiency(hull[last], choice) >= steepness[last]) {
            detours_.push_back(
                {efficiency(start, hull[last]), hull[last].cost, customer, start.action, hull[last].action});
            --last;
        }
        steepness[last + 1] = efficiency(hull[last], choice);
        hull[++last] = choice;
    }
    for (std::size_t k = 1; k <= last; ++k) {
        steps_.push_back({steepness[k], hull[k].cost - hull[k - 1].cost, customer, hull[k - 1].action, hull[k].action});
    }
}

/// Takes steps from the steepest on while they fit, after the customer of `forced` has been taken to its end. `missed`
/// gets the first steps that did not fit.
Knapsack::Draft Knapsack::fill(const Step* forced, std::vector<const Step*>* missed) const {
    Draft draft{free_, budget_, 0.0};
    if (forced != nullptr) {
        const std::uint8_t from = free_[forced->customer];
        take(draft, {0.0, cost(forced->customer, forced->to) - cost(forced->customer, from), forced->customer, from,
                     forced->to});
    }
    for (const Step& step : steps_) {
        if (draft.action[step.customer] != step.from) {
            continue;
        }
        if (step.cost <= draft.left) {
            take(draft, step);
        } else if (missed != nullptr && missed->size() < most_trials) {
            missed->push_back(&step);
        }
    }
    fill_off_hull(draft);
    return draft;
}

void Knapsack::fill_off_hull(Draft& draft) const {
    std::vector<Step> fitting;
    const auto from_here = [&](const Step& detour) {
        const std::uint8_t here = draft.action[detour.customer];
        const std::int64_t added = detour.cost - cost(detour.customer, here);
        const double gain = profit(detour.customer, detour.to) - profit(detour.customer, here);
        return Step{gain / static_cast<double>(added), added, detour.customer, here, detour.to};
    };
    for (const Step& detour : detours_) {
        const Step step = from_here(detour);
        if (step.cost > 0 && step.cost <= draft.left && step.efficiency > 0.0) {
            fitting.push_back(step);
        }
    }
    sort(fitting);
    for (const Step& step : fitting) {
        if (draft.action[step.customer] == step.from && step.cost <= draft.left) {
            take(draft, step);
        }
    }
}

/// Lagrange's dual: budget x multiplier + the sum over customers of the best profit - multiplier x cost. It bounds
/// every plan for any multiplier. `multiplier` is per unit of cost.
double Knapsack::upper_bound(double multiplier) const {
    Wide sum = 0;
    for (std::uint32_t i = 0; i < table_.size(); ++i) {
        double best = 0.0;
        for (std::size_t a = 1; a < table_.actions.size(); ++a) {
            const auto action = static_cast<std::uint8_t>(a);
            if (is_open(i, action)) {
                best = std::max(best, profit(i, action) - multiplier * static_cast<double>(cost(i, action)));
            }
        }
        sum += profits_.units_above(best);
    }
    return profits_.money(sum) + (multiplier > 0.0 ? multiplier * static_cast<double>(budget_) : 0.0);
}

ActionPlan Knapsack::solve() const {
    constexpr std::size_t most_trial_steps = 20'000'000;
    std::vector<const Step*> missed;
    Draft best = fill(nullptr, &missed);
    const double multiplier = missed.empty() ? 0.0 : missed.front()->efficiency;

    const std::size_t trials = std::min(missed.size(), most_trial_steps / (steps_.size() + detours_.size() + 1) + 1);
    for (std::size_t k = 0; k < trials; ++k) {
        Draft trial = fill(missed[k], nullptr);
        if (trial.gain > best.gain) {
            best = std::move(trial);
        }
    }

    ActionPlan plan;
    plan.action = std::move(best.action);
    Wide spent = 0;
    Wide earned = 0;
    for (std::uint32_t i = 0; i < table_.size(); ++i) {
        spent += cost(i, plan.action[i]);
        earned += profits_.units(profit(i, plan.action[i]));
        plan.invested += plan.action[i] != 0 ? 1 : 0;
    }
    plan.cost = costs_.money(spent);
    plan.expected_profit = profits_.money(earned);
    // where nothing was missed everybody has their best, and rounding the bound up would only invent a gap
    plan.upper_bound = missed.empty() ? plan.expected_profit : std::max(upper_bound(multiplier), plan.expected_profit);
    plan.relative_gap = plan.upper_bound > 0.0 ? (plan.upper_bound - plan.expected_profit) / plan.upper_bound : 0.0;
    plan.objective = plan.expected_profit;
    plan.limits = {{"budget", plan.cost, std::nullopt, std::nullopt, multiplier / costs_.money(1)}};
    return plan;
}

/// "23.40 for a cost of 5.00, 4.68 per unit of cost"
std::string terms(double profit, double cost) {
    if (cost == 0.0) {
        return fmt::format("{:.2f} at no cost", profit);
    }
    return fmt::format("{:.2f} for a cost of {:.2f}, {:.2f} per unit of cost", profit, cost, profit / cost);
}

}  // namespace

ActionPlan plan_actions(const UpliftTable& table, const OptimizerSettings& settings) {
    check(table, settings);
    ActionPlan plan = Knapsack(table, settings.budget).solve();
    plan.budget = settings.budget;
    if (plan.budget) {
        plan.limits.front().max = plan.budget;
    } else {
        plan.limits.clear();
    }
    return plan;
}

std::string_view recommended_action(const ActionPlan& plan, std::size_t customer) noexcept {
    return plan.action[customer] != 0 ? "Invest" : "Ignore";
}

std::string reason(const UpliftTable& table, const ActionPlan& plan, std::size_t customer) {
    const auto profit = [&](std::size_t action) { return table.expected_profit[table.cell(customer, action)]; };
    const auto cost = [&](std::size_t action) { return table.cost[table.cell(customer, action)]; };
    const std::size_t chosen = plan.action[customer];
    if (chosen != 0) {
        const std::string offer =
            fmt::format("{} earns {}", table.actions[chosen], terms(profit(chosen), cost(chosen)));
        if (cost(chosen) == 0.0) {
            return offer;
        }
        if (plan.multiplier() == 0.0) {
            return offer + ", the most of all actions open to the customer";
        }
        return profit(chosen) >= plan.multiplier() * cost(chosen)
                   ? fmt::format("{} (cut-off {:.2f})", offer, plan.multiplier())
                   : fmt::format("{}: below the cut-off of {:.2f}, but it fits what is left of the budget", offer,
                                 plan.multiplier());
    }

    std::size_t best = 0;      // the action that earns most, or loses least
    std::size_t steepest = 0;  // the action that earns most per unit of cost
    for (std::size_t a = 1; a < table.actions.size(); ++a) {
        if (!table.is_open(customer, a)) {
            continue;
        }
        if (best == 0 || profit(a) > profit(best)) {
            best = a;
        }
        if (profit(a) > 0.0 && (steepest == 0 || profit(a) * cost(steepest) > profit(steepest) * cost(a))) {
            steepest = a;
        }
    }
    if (best == 0) {
        return "no action is open to the customer";
    }
    if (steepest == 0) {
        return fmt::format("no action earns more than it costs: the best, {}, changes profit by {:.2f}",
                           table.actions[best], profit(best));
    }
    const std::string offer =
        fmt::format("{} would earn {}", table.actions[steepest], terms(profit(steepest), cost(steepest)));
    if (plan.budget.has_value() && cost(steepest) > *plan.budget) {
        return fmt::format("{}: more than the whole budget of {:.2f}", offer, *plan.budget);
    }
    return profit(steepest) < plan.multiplier() * cost(steepest)
               ? fmt::format("{}: below the cut-off of {:.2f} that the budget sets", offer, plan.multiplier())
               : fmt::format("{}: not below the cut-off of {:.2f}, but it no longer fits the budget", offer,
                             plan.multiplier());
}

}  // namespace clv
