#pragma once
// One pass over customers for two prices of the budget at once: who chooses the same at both, chooses so at every price
// between them.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "decisions/table/exact_money.hpp"

namespace clv::decisions {

/// Profit and cost of every choice, [action] -> [customer]. A profit of NaN: not open.
struct Cells {
    std::size_t customers = 0;
    std::vector<const double*> profit;
    std::vector<const double*> cost;
    [[nodiscard]] std::size_t actions() const noexcept { return profit.size(); }
};

struct Scales {
    MoneyScale profit;
    MoneyScale cost;
};

/// Sums over customers, in units.
struct Totals {
    Wide profit = 0;
    Wide cost = 0;
    friend Totals operator+(Totals a, Totals b) { return {a.profit + b.profit, a.cost + b.cost}; }
};

/// Customers copied out of a table.
class Excerpt {
  public:
    explicit Excerpt(std::size_t actions, std::size_t expected = 0) : actions_(actions) { grow(expected); }

    /// Adds customers of `cells`, action by action.
    void append(const Cells& cells, std::span<const std::uint32_t> customers);
    /// Index in the cells that the customers come from.
    [[nodiscard]] const std::vector<std::uint32_t>& customer() const noexcept { return customer_; }
    /// Valid until something is added.
    [[nodiscard]] Cells cells() const;

  private:
    void grow(std::size_t capacity);
    [[nodiscard]] double* column(std::size_t index) const { return figures_.get() + index * capacity_; }

    std::size_t actions_;
    std::size_t capacity_ = 0;
    std::vector<std::uint32_t> customer_;
    std::unique_ptr<double[]> figures_;  ///< [profit, then cost][action][k], not filled before it is written
};

/// Finds everybody's best choice (highest profit - price x cost) at `low_price` and at `high_price`, writes that at
/// `high_price` to `action` [customer], adds what those who agree get to `agreed`, and returns the others, in order.
[[nodiscard]] Excerpt scan(const Cells& cells, double low_price, double high_price, const Scales& scales,
                           std::span<std::uint8_t> action, Totals& agreed);

}  // namespace clv::decisions
