#include <algorithm>
#include <cmath>

#include "clv/core/progress.hpp"
#include "knapsack_core.hpp"

namespace clv::decisions {

namespace {

constexpr std::size_t most_single = 4'000;  // deviations of least regret that are looked at one by one
constexpr std::size_t most_paired = 200;    // and two by two
constexpr int most_rounds = 200;

class KnapsackSearch {
  public:
    explicit KnapsackSearch(const KnapsackCore& core) : core_(core), used_(core.rows, 0) {
        const std::vector<OpenCustomer> customers = customers_of(core);
        for (std::size_t slot = 0; slot < customers.size(); ++slot) {
            slot_.resize(customers[slot].end, slot);
        }
        taken_.assign(customers.size(), base);
        order_.resize(core.deviations.size());
        for (std::size_t d = 0; d < order_.size(); ++d) {
            order_[d] = d;
        }
        const auto less = [&](std::size_t a, std::size_t b) {
            const double regret_a = core.deviations[a].regret;
            const double regret_b = core.deviations[b].regret;
            return regret_a != regret_b ? regret_a < regret_b : a < b;
        };
        const std::size_t count = std::min(order_.size(), most_single);
        std::partial_sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(count), order_.end(), less);
        order_.resize(count);
    }

    [[nodiscard]] bool repair();
    void improve();
    [[nodiscard]] Deviations taken() const {
        Deviations list;
        for (const std::size_t d : taken_) {
            if (d != base) {
                list.push_back(d);
            }
        }
        return list;
    }

  private:
    static constexpr std::size_t base = std::numeric_limits<std::size_t>::max();

    /// Puts the customer of `slot` on deviation `to`, or back to the base choice.
    struct Switch {
        std::size_t slot;
        std::size_t to;
        Wide profit;  ///< against the current plan
        double regret;
    };

    void list_switches(std::size_t count);
    void add_switch(std::size_t slot, std::size_t to);
    void apply(std::size_t index);
    [[nodiscard]] std::span<const Wide> use(std::size_t index) const {
        return std::span(switch_use_).subspan(index * core_.rows, core_.rows);
    }
    [[nodiscard]] double violation(std::span<const Wide> added) const;
    [[nodiscard]] bool fits(std::span<const Wide> a, std::span<const Wide> b) const;
    [[nodiscard]] bool fits(std::span<const Wide> a) const;

    const KnapsackCore& core_;
    std::vector<std::size_t> slot_;   ///< [deviation]: whose
    std::vector<std::size_t> taken_;  ///< [slot]
    std::vector<std::size_t> order_;  ///< deviations of least regret
    std::vector<Wide> used_;          ///< [row], against the base plan
    std::vector<double> weight_;      ///< [row]: of a unit too much
    std::vector<Switch> switches_;
    std::vector<Wide> switch_use_;
};

void KnapsackSearch::add_switch(std::size_t slot, std::size_t to) {
    const std::size_t from = taken_[slot];
    const auto figures = [&](std::size_t d) {
        return d == base ? std::pair{Wide{0}, 0.0} : std::pair{core_.deviations[d].profit, core_.deviations[d].regret};
    };
    const auto [new_profit, new_regret] = figures(to);
    const auto [old_profit, old_regret] = figures(from);
    switches_.push_back({slot, to, new_profit - old_profit, new_regret - old_regret});
    for (std::size_t r = 0; r < core_.rows; ++r) {
        const Wide added = to == base ? 0 : core_.use_of(to)[r];
        const Wide removed = from == base ? 0 : core_.use_of(from)[r];
        switch_use_.push_back(added - removed);
    }
}

/// Switches to the first `count` deviations, and back from those that are taken.
void KnapsackSearch::list_switches(std::size_t count) {
    switches_.clear();
    switch_use_.clear();
    for (std::size_t k = 0; k < std::min(count, order_.size()); ++k) {
        const std::size_t slot = slot_[order_[k]];
        if (taken_[slot] != order_[k]) {
            add_switch(slot, order_[k]);
        }
    }
    for (std::size_t slot = 0; slot < taken_.size(); ++slot) {
        if (taken_[slot] != base) {
            add_switch(slot, base);
        }
    }
}

void KnapsackSearch::apply(std::size_t index) {
    taken_[switches_[index].slot] = switches_[index].to;
    for (std::size_t r = 0; r < core_.rows; ++r) {
        used_[r] += use(index)[r];
    }
}

/// How far the limits would be broken, by the present weight of every row.
double KnapsackSearch::violation(std::span<const Wide> added) const {
    double sum = 0.0;
    for (std::size_t r = 0; r < core_.rows; ++r) {
        const Wide over = used_[r] + added[r] - core_.room[r];
        sum += over > 0 ? weight_[r] * static_cast<double>(over) : 0.0;
    }
    return sum;
}

bool KnapsackSearch::fits(std::span<const Wide> a, std::span<const Wide> b) const {
    for (std::size_t r = 0; r < core_.rows; ++r) {
        const Wide used = used_[r] + a[r] + b[r];
        if (used > core_.room[r]) {
            return false;
        }
    }
    return true;
}

bool KnapsackSearch::fits(std::span<const Wide> a) const {
    for (std::size_t r = 0; r < core_.rows; ++r) {
        const Wide used = used_[r] + a[r];
        if (used > core_.room[r]) {
            return false;
        }
    }
    return true;
}

/// Takes the switches that mend most for the regret they cost until no limit is broken. Where none mends anything, the
/// broken rows come to weigh more; who was switched waits before the next time.
bool KnapsackSearch::repair() {
    constexpr int most_switches = 5'000;
    constexpr int wait = 7;
    const std::vector<Wide> nothing(core_.rows, 0);
    weight_.assign(core_.rows, 0.0);
    for (std::size_t r = 0; r < core_.rows; ++r) {
        Wide largest = 1;
        for (const std::size_t d : order_) {
            const Wide use = core_.use_of(d)[r];
            largest = std::max(largest, use < 0 ? -use : use);
        }
        weight_[r] = 1.0 / static_cast<double>(largest);
    }
    double typical_regret = 1.0;
    for (const std::size_t d : order_) {
        typical_regret += std::max(core_.deviations[d].regret, 0.0) / static_cast<double>(order_.size());
    }
    std::vector<int> free_from(taken_.size(), 0);
    int heavier = 0;
    for (int k = 0; k < most_switches; ++k) {
        throw_if_interrupted();
        const double broken = violation(nothing);
        if (broken == 0.0) {
            return true;
        }
        list_switches(order_.size());
        std::optional<std::size_t> best;
        double best_rate = 0.0;
        for (std::size_t s = 0; s < switches_.size(); ++s) {
            const double mended = broken - violation(use(s));
            if (mended > 0.0 && free_from[switches_[s].slot] <= k) {
                const double rate = mended / (std::max(switches_[s].regret, 0.0) + 0.01 * typical_regret);
                if (!best || rate > best_rate) {
                    best = s;
                    best_rate = rate;
                }
            }
        }
        if (best) {
            free_from[switches_[*best].slot] = k + wait;
            apply(*best);
            continue;
        }
        constexpr int most_times = 200;
        if (++heavier > most_times) {
            return false;
        }
        for (std::size_t r = 0; r < core_.rows; ++r) {
            weight_[r] *= used_[r] > core_.room[r] ? 2.0 : 1.0;
        }
    }
    return false;
}

/// Takes the best single switch or pair of switches as long as one earns more within the limits.
void KnapsackSearch::improve() {
    for (int round = 0; round < most_rounds; ++round) {
        throw_if_interrupted();
        list_switches(order_.size());
        Wide best_gain = 0;
        std::optional<std::size_t> first;
        std::optional<std::size_t> second;
        for (std::size_t s = 0; s < switches_.size(); ++s) {
            if (switches_[s].profit > best_gain && fits(use(s))) {
                best_gain = switches_[s].profit;
                first = s;
            }
        }
        if (!first) {
            list_switches(most_paired);
            for (std::size_t a = 0; a < switches_.size(); ++a) {
                for (std::size_t b = a + 1; b < switches_.size(); ++b) {
                    const Wide gain = switches_[a].profit + switches_[b].profit;
                    if (gain > best_gain && switches_[a].slot != switches_[b].slot && fits(use(a), use(b))) {
                        best_gain = gain;
                        first = a;
                        second = b;
                    }
                }
            }
        }
        if (!first) {
            return;
        }
        apply(*first);
        if (second) {
            apply(*second);
        }
    }
}

}  // namespace

std::optional<Deviations> search_knapsack(const KnapsackCore& core) {
    KnapsackSearch search(core);
    if (!search.repair()) {
        return std::nullopt;
    }
    search.improve();
    return search.taken();
}

}  // namespace clv::decisions
