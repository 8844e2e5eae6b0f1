#include <algorithm>
#include <cmath>

#include "clv/core/progress.hpp"
#include "knapsack_core.hpp"

namespace clv::decisions {

namespace {

class RegretEnumeration {
  public:
    RegretEnumeration(const KnapsackCore& core, std::span<const double> prices, const std::optional<Deviations>& start,
                      std::int64_t most_sets);
    RegretEnumeration(const KnapsackCore& core, std::span<const double> prices, SetValue& value, double start_loss,
                      std::int64_t most_sets)
        : RegretEnumeration(core, prices, std::nullopt, most_sets) {
        value_ = &value;
        best_loss_ = start_loss;
        least_improvement_ = rounding_of(core, prices);
    }
    [[nodiscard]] Enumeration solve();

  private:
    /// Where the sets that extend a set go on.
    struct Frame {
        std::size_t slot;       ///< customer
        std::size_t deviation;  ///< of that customer, the next to be tried
        double regret;          ///< of the set without it
    };

    /// All sets of at most `most_` regret; false: too many.
    [[nodiscard]] bool explore();
    void remember(double regret);
    /// Whether the customers from `slot` on may still bring every row into its room.
    [[nodiscard]] bool can_fit(std::size_t slot, double regret) const;
    void add(std::size_t deviation) {
        set_.push_back(deviation);
        gain_ += core_.deviations[deviation].profit;
        for (std::size_t r = 0; r < core_.rows; ++r) {
            left_[r] -= core_.use_of(deviation)[r];
        }
        if (value_ != nullptr) {
            value_->push(deviation);
        }
    }
    void remove_last() {
        gain_ -= core_.deviations[set_.back()].profit;
        for (std::size_t r = 0; r < core_.rows; ++r) {
            left_[r] += core_.use_of(set_.back())[r];
        }
        set_.pop_back();
        if (value_ != nullptr) {
            value_->pop();
        }
    }
    [[nodiscard]] double loss_of(double regret) {
        if (value_ != nullptr) {
            return value_->loss();
        }
        double loss = regret;
        for (std::size_t r = 0; r < core_.rows; ++r) {
            loss += prices_[r] > 0.0 ? prices_[r] * static_cast<double>(left_[r]) : 0.0;
        }
        return loss;
    }

    const KnapsackCore& core_;
    std::span<const double> prices_;
    SetValue* value_ = nullptr;
    std::int64_t sets_left_;
    double least_improvement_;
    std::vector<OpenCustomer> customers_;  ///< by rising least regret
    std::vector<double> below_zero_;       ///< [slot]: least regrets below 0 of the customers from there on
    std::vector<Wide> frees_;              ///< [row][slot]: the most that the customers before it free of the row
    std::vector<Wide> left_;               ///< [row]: room of the set at hand
    Wide gain_ = 0;
    Deviations set_;
    double most_ = 0.0;  ///< regret of this round
    double best_loss_ = std::numeric_limits<double>::infinity();
    Wide best_gain_ = 0;
    std::optional<Deviations> best_;
};

RegretEnumeration::RegretEnumeration(const KnapsackCore& core, std::span<const double> prices,
                                     const std::optional<Deviations>& start, std::int64_t most_sets)
    : core_(core),
      prices_(prices),
      sets_left_(most_sets),
      least_improvement_(least_improvement(core, prices)),
      customers_(customers_of(core)),
      left_(core.room),
      best_(start) {
    std::stable_sort(customers_.begin(), customers_.end(),
                     [](const OpenCustomer& a, const OpenCustomer& b) { return a.least_regret < b.least_regret; });
    const std::size_t slots = customers_.size();
    below_zero_.assign(slots + 1, 0.0);
    for (std::size_t k = slots; k-- > 0;) {
        below_zero_[k] = below_zero_[k + 1] + std::min(0.0, customers_[k].least_regret);
    }
    frees_.assign(core.rows * (slots + 1), 0);
    for (std::size_t r = 0; r < core.rows; ++r) {
        for (std::size_t k = 0; k < slots; ++k) {
            Wide least = 0;
            for (std::size_t d = customers_[k].first; d < customers_[k].end; ++d) {
                least = std::min(least, core.use_of(d)[r]);
            }
            frees_[r * (slots + 1) + k + 1] = frees_[r * (slots + 1) + k] - least;
        }
    }
    if (start) {
        best_gain_ = gain_of(core, *start);
        best_loss_ = -static_cast<double>(best_gain_);
        for (std::size_t r = 0; r < core.rows; ++r) {
            best_loss_ += prices[r] > 0.0 ? prices[r] * static_cast<double>(core.room[r]) : 0.0;
        }
    }
}

bool RegretEnumeration::can_fit(std::size_t slot, double regret) const {
    const std::size_t slots = customers_.size();
    const double still = most_ - regret - below_zero_[slot];
    const auto end = static_cast<std::size_t>(
        std::upper_bound(customers_.begin() + static_cast<std::ptrdiff_t>(slot), customers_.end(), still,
                         [](double most, const OpenCustomer& customer) { return most < customer.least_regret; }) -
        customers_.begin());
    for (std::size_t r = 0; r < core_.rows; ++r) {
        const Wide* frees = &frees_[r * (slots + 1)];
        if (left_[r] + frees[end] - frees[slot] < 0) {
            return false;
        }
    }
    return true;
}

void RegretEnumeration::remember(double regret) {
    if ((value_ == nullptr && best_ && gain_ <= best_gain_) ||
        std::ranges::any_of(left_, [](Wide left) { return left < 0; })) {
        return;
    }
    const double loss = loss_of(regret);
    if (value_ != nullptr && loss >= best_loss_) {
        return;
    }
    best_ = set_;
    std::sort(best_->begin(), best_->end());
    best_gain_ = gain_;
    best_loss_ = loss;
    most_ = std::min(most_, best_loss_ - least_improvement_);
}

bool RegretEnumeration::explore() {
    constexpr std::int64_t often = 4096;
    std::vector<Frame> stack;
    while (!set_.empty()) {
        remove_last();
    }
    remember(0.0);
    if (!can_fit(0, 0.0) || customers_.empty()) {
        return true;
    }
    stack.push_back({0, customers_.front().first, 0.0});
    while (!stack.empty()) {
        Frame& frame = stack.back();
        if (frame.slot < customers_.size() && frame.deviation == customers_[frame.slot].end) {
            ++frame.slot;
            frame.deviation = frame.slot < customers_.size() ? customers_[frame.slot].first : 0;
        }
        // least regrets rise, so that nobody further on has less
        if (frame.slot == customers_.size() ||
            frame.regret + customers_[frame.slot].least_regret + below_zero_[frame.slot + 1] > most_) {
            stack.pop_back();
            if (!set_.empty()) {
                remove_last();
            }
            continue;
        }
        const std::size_t d = frame.deviation++;
        const std::size_t next = frame.slot + 1;
        const double regret = frame.regret + core_.deviations[d].regret;
        if (regret + below_zero_[next] > most_) {
            continue;
        }
        if (--sets_left_ < 0) {
            return false;
        }
        if (sets_left_ % often == 0) {
            throw_if_interrupted();
        }
        add(d);
        remember(regret);
        if (next < customers_.size() && can_fit(next, regret)) {
            stack.push_back({next, customers_[next].first, regret});
        } else {
            remove_last();
        }
    }
    return true;
}

Enumeration RegretEnumeration::solve() {
    double all = 0.0;  // no set has a larger regret
    double round = std::numeric_limits<double>::infinity();
    for (const OpenCustomer& customer : customers_) {
        double largest = 0.0;
        for (std::size_t d = customer.first; d < customer.end; ++d) {
            const double regret = core_.deviations[d].regret;
            largest = std::max(largest, regret);
            round = regret > least_improvement_ ? std::min(round, regret) : round;
        }
        all += largest;
    }
    all *= 1.0 + 1.0e-9;  // sums of regrets are rounded
    Enumeration result;
    for (; !result.is_proven; round *= 2.0) {
        most_ = std::min({round, all, best_loss_ - least_improvement_});
        const bool is_last = most_ >= std::min(all, best_loss_ - least_improvement_);
        const double before = most_;
        if (!explore()) {
            break;
        }
        result.least_loss = std::min(before, best_loss_);
        result.is_proven = is_last || best_loss_ - least_improvement_ <= before;
    }
    result.best = best_;
    return result;
}

}  // namespace

Enumeration enumerate_by_regret(const KnapsackCore& core, std::span<const double> prices,
                                const std::optional<Deviations>& start, std::int64_t most_sets) {
    return RegretEnumeration(core, prices, start, most_sets).solve();
}

Enumeration enumerate_by_regret(const KnapsackCore& core, std::span<const double> prices, SetValue& value,
                                double start_loss, std::int64_t most_sets) {
    return RegretEnumeration(core, prices, value, start_loss, most_sets).solve();
}

}  // namespace clv::decisions
