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

/// Customers copied out of a table.
struct Excerpt {
    std::vector<std::uint32_t> customer;      ///< index in the cells they come from
    std::vector<std::vector<double>> profit;  ///< [action][k]
    std::vector<std::vector<double>> cost;

    explicit Excerpt(std::size_t actions, std::size_t expected = 0) : profit(actions), cost(actions) {
        customer.reserve(expected);
        for (std::size_t a = 0; a < actions; ++a) {
            profit[a].reserve(expected);
            cost[a].reserve(expected);
        }
    }
    void add(const Cells& cells, std::size_t index) {
        customer.push_back(static_cast<std::uint32_t>(index));
        for (std::size_t a = 0; a < profit.size(); ++a) {
            profit[a].push_back(cells.profit[a][index]);
            cost[a].push_back(cells.cost[a][index]);
        }
    }
    [[nodiscard]] Cells cells() const {
        Cells view;
        view.customers = customer.size();
        for (std::size_t a = 0; a < profit.size(); ++a) {
            view.profit.push_back(profit[a].data());
            view.cost.push_back(cost[a].data());
        }
        return view;
    }
};

/// Finds everybody's best choice (highest profit - price x cost) at `low_price` and at `high_price`, writes that at
/// `high_price` to `action` [customer], adds what those who agree get to `agreed`, and returns the others, in order.
[[nodiscard]] Excerpt scan(const Cells& cells, double low_price, double high_price, const Scales& scales,
                           std::span<std::uint8_t> action, Totals& agreed);

}  // namespace clv::decisions
