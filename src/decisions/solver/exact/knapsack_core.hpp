#pragma once
// The core of a plan: the few customers whose choice is open once everybody else's is settled.
//
// Every customer has a base choice; a deviation replaces it. Its regret is what it gives up at the prices of the
// limits, so profit given up in all = regrets + price x room left unused.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace clv::decisions {

struct Deviation {
    std::uint32_t customer;
    std::uint8_t to;      ///< action
    std::int64_t profit;  ///< against the base choice, units
    double regret;        ///< units of profit, at least 0 but for rounding
};

struct KnapsackCore {
    static constexpr std::int64_t unlimited = std::int64_t{1} << 61;

    std::size_t rows = 0;               ///< sides of limits: sums that may not exceed a bound
    std::vector<Deviation> deviations;  ///< customer by customer
    std::vector<std::int64_t> use;      ///< [deviation][row]: against the base choice, units of the row
    std::vector<std::int64_t> room;     ///< [row]: what the base plan leaves; below 0 where it uses too much

    [[nodiscard]] std::span<const std::int64_t> use_of(std::size_t deviation) const {
        return std::span(use).subspan(deviation * rows, rows);
    }
};

/// The deviations of one customer: first .. end - 1.
struct OpenCustomer {
    std::size_t first;
    std::size_t end;
    double least_regret;
};

[[nodiscard]] std::vector<OpenCustomer> customers_of(const KnapsackCore& core);

/// Deviations to take, at most one per customer, by increasing index.
using Deviations = std::vector<std::size_t>;

/// What deviations earn against the base plan, in units.
[[nodiscard]] std::int64_t gain_of(const KnapsackCore& core, const Deviations& taken);

/// The same deviations in a core that has them all.
[[nodiscard]] Deviations translate(const KnapsackCore& from, const Deviations& taken, const KnapsackCore& to);

/// A plan within the limits: repaired if the base plan breaks some, then improved by one and by two customers at a
/// time. Nothing where the repair fails.
[[nodiscard]] std::optional<Deviations> search_knapsack(const KnapsackCore& core);

struct ProvenDeviations {
    Deviations best;
    bool is_proven = false;  ///< nothing better exists among the deviations
};

/// The best plan of a core with one row, a cap of price `price` (units of profit per unit of the row), by dynamic
/// programming over undominated (use, profit), least regret first (Pisinger 1995). `start` is a plan within the cap.
/// Gives up beyond `most_states` states.
[[nodiscard]] ProvenDeviations solve_knapsack(const KnapsackCore& core, double price, const Deviations& start,
                                              std::size_t most_states);

struct SearchResult {
    std::optional<Deviations> best;  ///< nothing: no plan within the limits was found
    bool is_proven = false;          ///< nothing better exists, or nothing at all
};

/// The best plan of a core with any rows, by branch and bound on Lagrange's bound from `prices` [row] (units of profit
/// per unit of the row) on. `start` is a plan within the limits, if there is one. Gives up beyond `most_work`
/// multiplications.
[[nodiscard]] SearchResult branch_and_bound(const KnapsackCore& core, std::span<const double> prices,
                                            const std::optional<Deviations>& start, double most_work);

}  // namespace clv::decisions
