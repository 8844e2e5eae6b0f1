#include "price.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace clv::decisions {

namespace {

constexpr std::size_t most_at_once = 12'000;  // customers whose hulls are all found
constexpr std::size_t sample_blocks = 128;
constexpr std::size_t sample_block = 64;

/// Among steps[begin .. end) moves to the front those that come before the one with which the sum of costs passes
/// `room`, takes their cost off `room`, and returns the index of that one. Time is linear.
template <class Less>
std::size_t split(std::vector<PricedStep>& steps, std::size_t begin, std::size_t end, Wide& room, Less less) {
    const auto at = [&](std::size_t k) { return steps.begin() + static_cast<std::ptrdiff_t>(k); };
    constexpr std::size_t few = 64;
    while (end - begin > few) {
        const std::size_t middle = begin + (end - begin) / 2;
        std::nth_element(at(begin), at(middle), at(end), less);
        const Wide half = std::accumulate(at(begin), at(middle), Wide{0},
                                          [](Wide total, const PricedStep& step) { return total + step.cost; });
        if (half > room) {
            end = middle;
        } else {
            room -= half;
            begin = middle;
        }
    }
    std::sort(at(begin), at(end), less);
    for (; begin < end && steps[begin].cost <= room; ++begin) {
        room -= steps[begin].cost;
    }
    return begin;
}

/// Prices of a unit of cost between which the price of the budget lies.
struct Bracket {
    static constexpr double beyond_all_prices = 1.0e251;  // and finite for every cost
    double low = 0.0;
    double high = beyond_all_prices;
};

/// A bracket from a sample in blocks, `standard_errors` of the sample's answer wide to both sides.
Bracket guess(const Cells& cells, const Scales& scales, Wide budget, double standard_errors) {
    Excerpt sample(cells.actions(), sample_blocks * sample_block);
    const std::size_t stride = cells.customers / sample_blocks;
    std::array<std::uint32_t, sample_block> drawn;
    for (std::size_t block = 0; block < sample_blocks; ++block) {
        std::iota(drawn.begin(), drawn.end(), static_cast<std::uint32_t>(block * stride));
        sample.append(cells, drawn);
    }
    Hulls hulls = find_hulls(sample.cells(), scales);
    const double share = static_cast<double>(sample.customer().size()) / static_cast<double>(cells.customers);
    const double target = share * static_cast<double>(budget) - static_cast<double>(hulls.start.cost);
    const auto split_at = [&](std::size_t begin, std::size_t end, double cost, Wide spent_before) {
        Wide room = static_cast<Wide>(std::clamp(cost, -0x1p125, 0x1p125)) - spent_before;
        return split(hulls.steps, begin, end, room,
                     [](const PricedStep& a, const PricedStep& b) { return a.efficiency > b.efficiency; });
    };

    // How differently the blocks spend shows how far the sample may be from everybody.
    const std::size_t steps = hulls.steps.size();
    const std::size_t middle = split_at(0, steps, target, 0);
    Wide spent_in_all = 0;
    std::vector<double> spent(sample_blocks, 0.0);
    for (std::size_t k = 0; k < middle; ++k) {
        spent[hulls.steps[k].customer / sample_block] += static_cast<double>(hulls.steps[k].cost);
        spent_in_all += hulls.steps[k].cost;
    }
    const double mean = std::accumulate(spent.begin(), spent.end(), 0.0) / sample_blocks;
    double squares = 0.0;
    for (const double cost : spent) {
        squares += (cost - mean) * (cost - mean);
    }
    const double margin = standard_errors * std::sqrt(squares * sample_blocks / (sample_blocks - 1.0));
    Bracket bracket;
    if (const std::size_t k = split_at(0, middle, target - margin, 0); k > 0 && k < steps) {
        bracket.high = hulls.steps[k].efficiency;
    }
    if (const std::size_t k = split_at(middle, steps, target + margin, spent_in_all); k < steps) {
        bracket.low = hulls.steps[k].efficiency;
    }
    return bracket;
}

class BudgetPricer {
  public:
    BudgetPricer(const Cells& cells, const Scales& scales, Wide budget, const CustomerOrder& before)
        : all_(cells), scales_(scales), budget_(budget), before_(before), undecided_(cells.actions()) {}

    /// Nothing where a bracket missed the price.
    [[nodiscard]] std::optional<PricedPlan> solve(double standard_errors, std::size_t window);

  private:
    void narrow(double standard_errors);
    [[nodiscard]] PricedPlan finish(std::size_t window);

    /// The customer of the table behind one who is still undecided.
    [[nodiscard]] std::uint32_t who(std::size_t index) const {
        return customer_.empty() ? static_cast<std::uint32_t>(index) : customer_[index];
    }

    const Cells& all_;
    const Scales& scales_;
    Wide budget_;
    const CustomerOrder& before_;
    Bracket bracket_;
    Excerpt undecided_;                    ///< figures behind rest_
    Cells rest_;                           ///< of those who are undecided
    std::vector<std::uint32_t> customer_;  ///< who they are; empty: everybody, in order
    PricedPlan plan_;
};

void BudgetPricer::narrow(double standard_errors) {
    std::vector<std::uint8_t> chosen;
    while (rest_.customers > most_at_once && std::isfinite(standard_errors)) {
        const Bracket found = guess(rest_, scales_, budget_ - plan_.totals.cost, standard_errors);
        bracket_ = {std::max(bracket_.low, found.low), std::min(bracket_.high, found.high)};
        const bool is_first = customer_.empty();
        chosen.resize(is_first ? 0 : rest_.customers);
        Excerpt next = scan(rest_, bracket_.low, bracket_.high, scales_,
                            is_first ? std::span(plan_.action) : std::span(chosen), plan_.totals);
        for (std::size_t k = 0; k < chosen.size(); ++k) {
            plan_.action[customer_[k]] = chosen[k];
        }
        std::vector<std::uint32_t> customer(next.customer().size());
        std::ranges::transform(next.customer(), customer.begin(), [this](std::uint32_t k) { return who(k); });
        const bool is_worth_repeating = 2 * customer.size() < rest_.customers;
        customer_ = std::move(customer);
        undecided_ = std::move(next);
        rest_ = undecided_.cells();
        if (!is_worth_repeating) {
            break;
        }
    }
}

PricedPlan BudgetPricer::finish(std::size_t window) {
    Hulls hulls = find_hulls(rest_, scales_);
    std::vector<PricedStep>& steps = hulls.steps;
    const auto less = [this](const PricedStep& a, const PricedStep& b) {
        return a.efficiency != b.efficiency ? a.efficiency > b.efficiency : before_(who(a.customer), who(b.customer));
    };
    plan_.totals = plan_.totals + hulls.start;
    Wide room = budget_ - plan_.totals.cost;
    const std::size_t taken = split(steps, 0, steps.size(), room, less);
    if (taken < steps.size()) {
        plan_.price = steps[taken].efficiency;
    }

    std::vector<double> last(rest_.customers, std::numeric_limits<double>::infinity());
    for (std::size_t k = 0; k < taken; ++k) {
        const PricedStep& step = steps[k];
        if (step.efficiency < last[step.customer]) {
            last[step.customer] = step.efficiency;
            hulls.cheapest[step.customer] = step.to;
        }
        const auto profit = [&](std::uint8_t action) {
            return scales_.profit.units(rest_.profit[action][step.customer]);
        };
        plan_.totals.profit += profit(step.to) - profit(step.from);
    }
    plan_.totals.cost = budget_ - room;
    for (std::size_t k = 0; k < rest_.customers; ++k) {
        plan_.action[who(k)] = hulls.cheapest[k];
    }

    const auto at = [&](std::size_t k) { return steps.begin() + static_cast<std::ptrdiff_t>(k); };
    const std::size_t begin = taken - std::min(taken, window);
    const std::size_t end = std::min(steps.size(), taken + window);
    std::nth_element(steps.begin(), at(begin), at(taken), less);
    std::nth_element(at(taken), at(end), steps.end(), less);
    for (std::size_t k = begin; k < end; ++k) {
        plan_.close.push_back(who(steps[k].customer));
    }
    std::sort(plan_.close.begin(), plan_.close.end());
    plan_.close.erase(std::unique(plan_.close.begin(), plan_.close.end()), plan_.close.end());
    return std::move(plan_);
}

std::optional<PricedPlan> BudgetPricer::solve(double standard_errors, std::size_t window) {
    rest_ = all_;
    plan_.action.resize(all_.customers);
    narrow(standard_errors);
    PricedPlan plan = finish(window);
    if (plan.price < bracket_.low || plan.price > bracket_.high || plan.totals.cost > budget_) {
        return std::nullopt;
    }
    return plan;
}

}  // namespace

std::optional<PricedPlan> price_budget(const Cells& cells, const Scales& scales, Wide budget, std::size_t window,
                                       const CustomerOrder& before) {
    constexpr double first_try = 2.5;
    for (const double standard_errors : {first_try, 4.0 * first_try}) {
        if (auto plan = BudgetPricer(cells, scales, budget, before).solve(standard_errors, window)) {
            return plan;
        }
    }
    // without brackets, there is nothing to miss
    return BudgetPricer(cells, scales, budget, before).solve(std::numeric_limits<double>::infinity(), window);
}

}  // namespace clv::decisions
