#pragma once
// Uplift tables for tests.

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "clv/decisions/table/uplift_table.hpp"

namespace clv {

class RandomNumbers {
  public:
    explicit RandomNumbers(std::uint32_t seed) : engine_(seed) {}
    std::size_t below(std::size_t count) { return engine_() % count; }
    double amount(double most) { return most * (static_cast<double>(engine_()) / 4294967296.0); }

  private:
    std::mt19937 engine_;
};

/// A table in which doing nothing is free and open to everybody, and no other figure is set yet.
inline UpliftTable empty_table(std::size_t customers, std::size_t actions) {
    UpliftTable table;
    table.actions = {"none"};
    for (std::size_t a = 1; a <= actions; ++a) {
        table.actions.push_back("a" + std::to_string(a));
    }
    for (std::size_t i = 0; i < customers; ++i) {
        table.customer_id.push_back("c" + std::to_string(i));
    }
    table.expected_profit.assign(customers * table.actions.size(), 0.0);
    table.cost = table.expected_profit;
    table.expected_profit_se = table.expected_profit;
    return table;
}

/// Coarse amounts bring ties, equal costs, zero costs and collinear hulls.
inline UpliftTable random_table(RandomNumbers& random, std::size_t customers, std::size_t actions, bool coarse) {
    UpliftTable table = empty_table(customers, actions);
    for (std::size_t i = 0; i < customers; ++i) {
        for (std::size_t a = 1; a <= actions; ++a) {
            const std::size_t cell = table.cell(i, a);
            const double profit = coarse ? static_cast<double>(random.below(9)) - 2.0 : random.amount(12.0) - 3.0;
            table.expected_profit[cell] = random.below(8) == 0 ? std::numeric_limits<double>::quiet_NaN() : profit;
            table.cost[cell] = coarse ? static_cast<double>(random.below(5)) : random.amount(6.0);
        }
    }
    return table;
}

}  // namespace clv
