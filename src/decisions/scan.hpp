#pragma once
// One pass over customers for two prices of the budget at once: who chooses the same at both, chooses so at every price
// between them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "exact_money.hpp"

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

/// Finds everybody's best choice (highest profit - price x cost) at `low_price` and at `high_price`, writes that at
/// `high_price` to `action` [customer], adds what those who agree get to `agreed`, and lists the others, in order.
void scan(const Cells& cells, double low_price, double high_price, const Scales& scales, std::span<std::uint8_t> action,
          Totals& agreed, std::vector<std::uint32_t>& undecided);

}  // namespace clv::decisions
