#include <algorithm>
#include <cmath>

#include "clv/core/progress.hpp"
#include "knapsack_core.hpp"

namespace clv::decisions {

namespace {

/// Some deviations of the customers so far.
struct State {
    Wide use;
    Wide profit;
    double regret;
    std::uint32_t last;  ///< entry of the trail, 0: none
};

struct Link {
    std::uint32_t before;
    std::uint32_t deviation;
};

/// Once in many steps: of them there are millions between two customers.
void look_for_interruption(std::size_t& steps) {
    constexpr std::size_t often = std::size_t{1} << 16;
    if (++steps % often == 0) {
        throw_if_interrupted();
    }
}

class KnapsackProgram {
  public:
    KnapsackProgram(const KnapsackCore& core, double price, const Deviations& start, std::size_t most_states)
        : core_(core), price_(price), most_states_(most_states), customers_(customers_of(core)), trail_(1) {
        std::stable_sort(customers_.begin(), customers_.end(),
                         [](const OpenCustomer& a, const OpenCustomer& b) { return a.least_regret < b.least_regret; });
        best_profit_ = gain_of(core, start);
        least_improvement_ = least_improvement(core, std::span(&price_, 1));
        alike_ = 0.01 * rounding_of(core, std::span(&price_, 1));
    }

    [[nodiscard]] ProvenDeviations solve(const Deviations& start);

  private:
    /// No way to go on from the state earns more than the best plan so far.
    [[nodiscard]] bool is_hopeless(const State& state) const {
        return price_ * static_cast<double>(core_.room[0]) - state.regret <=
               static_cast<double>(best_profit_) + least_improvement_;
    }
    /// States of the next customer from the list; false: too many.
    [[nodiscard]] bool extend(const OpenCustomer& customer, Wide least_use_to_come);
    void remember(const State& state) {
        if (state.use <= core_.room[0] && state.profit > best_profit_) {
            best_profit_ = state.profit;
            best_ = state.last;
        }
    }

    const KnapsackCore& core_;
    double price_;
    double least_improvement_ = 0.0;
    double alike_ = 0.0;  ///< units of profit
    std::size_t most_states_;
    std::vector<OpenCustomer> customers_;
    std::vector<State> states_{{0, 0, 0.0, 0}};  ///< by rising use, and rising profit
    std::vector<State> next_;
    std::vector<Link> trail_;
    std::size_t made_ = 0;
    Wide best_profit_ = 0;
    std::uint32_t best_ = 0;
};

bool KnapsackProgram::extend(const OpenCustomer& customer, Wide least_use_to_come) {
    next_.clear();
    const auto add = [&](const State& state) {
        if (!is_hopeless(state) && state.use + least_use_to_come <= core_.room[0]) {
            next_.push_back(state);
        }
    };
    std::size_t looked = 0;
    for (const State& state : states_) {
        look_for_interruption(looked);
        add(state);
    }
    constexpr std::uint32_t by_index = std::uint32_t{1} << 31;
    for (std::size_t d = customer.first; d < customer.end; ++d) {
        const Deviation& deviation = core_.deviations[d];
        for (const State& state : states_) {
            look_for_interruption(looked);
            const State with{state.use + core_.use[d], state.profit + deviation.profit,
                             state.regret + std::max(deviation.regret, 0.0), state.last};
            if (is_hopeless(with) || with.use + least_use_to_come > core_.room[0]) {
                continue;
            }
            trail_.push_back({state.last, static_cast<std::uint32_t>(d)});
            next_.push_back(with);
            next_.back().last = static_cast<std::uint32_t>(trail_.size() - 1);
            remember(next_.back());
        }
        if (trail_.size() >= by_index || trail_.size() > most_states_) {
            return false;
        }
    }
    std::size_t steps = 0;
    std::sort(next_.begin(), next_.end(), [&steps](const State& a, const State& b) {
        look_for_interruption(steps);
        if (a.use != b.use) {
            return a.use < b.use;
        }
        return a.profit != b.profit ? a.profit > b.profit : a.last < b.last;
    });
    states_.clear();
    for (const State& state : next_) {
        // sums of decimals that are equal but for rounding count as equal
        if (states_.empty() || static_cast<double>(state.profit - states_.back().profit) > alike_) {
            states_.push_back(state);
        }
    }
    made_ += next_.size();
    return made_ <= most_states_;
}

ProvenDeviations KnapsackProgram::solve(const Deviations& start) {
    std::vector<Wide> least_use(customers_.size() + 1, 0);
    for (std::size_t k = customers_.size(); k-- > 0;) {
        Wide least = 0;
        for (std::size_t d = customers_[k].first; d < customers_[k].end; ++d) {
            least = std::min(least, core_.use[d]);
        }
        least_use[k] = least_use[k + 1] + least;
    }
    bool is_proven = true;
    for (std::size_t k = 0; k < customers_.size() && is_proven; ++k) {
        if (is_hopeless({0, 0, customers_[k].least_regret, 0})) {
            break;  // nor is any later customer's deviation worth it
        }
        is_proven = extend(customers_[k], least_use[k + 1]);
    }
    ProvenDeviations result{start, is_proven};
    if (best_ != 0) {
        result.best.clear();
        for (std::uint32_t link = best_; link != 0; link = trail_[link].before) {
            result.best.push_back(trail_[link].deviation);
        }
        std::sort(result.best.begin(), result.best.end());
    }
    return result;
}

}  // namespace

ProvenDeviations solve_knapsack(const KnapsackCore& core, double price, const Deviations& start,
                                std::size_t most_states) {
    return KnapsackProgram(core, price, start, most_states).solve(start);
}

}  // namespace clv::decisions
