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

#include "decisions/table/exact_money.hpp"

namespace clv::decisions {

struct Deviation {
    std::uint32_t customer;
    std::uint8_t to;  ///< action
    Wide profit;      ///< against the base choice, units
    double regret;    ///< units of profit, at least 0 but for rounding
};

struct KnapsackCore {
    static constexpr Wide unlimited = Wide{1} << 120;

    std::size_t rows = 0;               ///< sides of limits: sums that may not exceed a bound
    std::vector<Deviation> deviations;  ///< customer by customer
    std::vector<Wide> use;              ///< [deviation][row]: against the base choice, units of the row
    double per_currency = 1.0;          ///< units of profit
    std::vector<Wide> room;             ///< [row]: what the base plan leaves; below 0 where it uses too much

    [[nodiscard]] std::span<const Wide> use_of(std::size_t deviation) const {
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
[[nodiscard]] Wide gain_of(const KnapsackCore& core, const Deviations& taken);

/// Whether the deviations keep every row.
[[nodiscard]] bool fits(const KnapsackCore& core, const Deviations& taken);

/// Units of profit: what figures in doubles may be off by, at a price per unit of every row.
[[nodiscard]] double rounding_of(const KnapsackCore& core, std::span<const double> prices);

/// Units of profit: a plan of the core that is not better than another one by this much is not better but for rounding.
/// Profits that are decimals, or whole numbers, differ by at least a unit of them.
[[nodiscard]] double least_improvement(const KnapsackCore& core, std::span<const double> prices);

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

/// What an enumeration by regret has shown.
struct Enumeration {
    std::optional<Deviations> best;  ///< nothing: no plan within the limits was found
    bool is_proven = false;          ///< nothing better exists, or nothing at all
    double least_loss = 0.0;  ///< units of profit: no plan comes closer than this to Lagrange's bound at the prices
};

/// What a set of deviations is worth where that is more than a sum.
class SetValue {
  public:
    virtual ~SetValue() = default;
    virtual void push(std::size_t deviation) = 0;
    virtual void pop() = 0;
    /// Units of profit: what the set lacks of Lagrange's bound at the prices, no less than its regrets.
    [[nodiscard]] virtual double loss() = 0;
};

/// Goes over the sets of deviations by what they give up at `prices` [row], in rounds of twice the regret, until no
/// other set can be better than the best that keeps the rows. Where limits leave little room, few sets give up so
/// little. Gives up beyond `most_sets` sets.
[[nodiscard]] Enumeration enumerate_by_regret(const KnapsackCore& core, std::span<const double> prices,
                                              const std::optional<Deviations>& start, std::int64_t most_sets);
/// The same for sets of another value. `start_loss` is that of the best plan so far, whether or not it is one of the
/// core; the result's best is a better one.
[[nodiscard]] Enumeration enumerate_by_regret(const KnapsackCore& core, std::span<const double> prices, SetValue& value,
                                              double start_loss, std::int64_t most_sets);

/// The best plan of a core with any rows, by branch and bound on Lagrange's bound from `prices` [row] (units of profit
/// per unit of the row) on. `start` is a plan within the limits, if there is one. Gives up beyond `most_work`
/// multiplications.
[[nodiscard]] SearchResult branch_and_bound(const KnapsackCore& core, std::span<const double> prices,
                                            const std::optional<Deviations>& start, double most_work);

}  // namespace clv::decisions
