#pragma once
// The loops over all customers that decide how fast plans are made, in the widest vectors of the machine.

#include <cstddef>
#include <cstdint>

namespace clv::decisions {

/// Customers of a block.
constexpr std::size_t lanes = 64;

/// One block of customers; figures are [action] -> [customer], a profit of NaN is not open.
struct LaneCells {
    const double* const* profit;
    const double* const* cost;
    std::size_t actions;
    std::size_t first;  ///< customer of the block
};

/// Sums in coarse units and the fine ones beside them (MoneyScale).
struct LaneSums {
    std::int64_t profit = 0;
    std::int64_t fine_profit = 0;
    std::int64_t cost = 0;
    std::int64_t fine_cost = 0;
};

/// Everybody's best choice at two prices: that at the high one to `action` [lane], whether they differ to `differs`
/// [lane]. Returns the sums over those who choose the same; units are coarse, per currency.
LaneSums scan_lanes(const LaneCells& cells, double profit_units, double cost_units, double low_price, double high_price,
                    std::uint8_t* action, std::uint8_t* differs);

/// The corners of everybody's hull, round by round: [round * lanes + lane]. Round 0 is the cheapest choice; of each
/// further step the action it leads to and its profit per unit of cost (0: there is none). Returns the number of steps
/// of the longest hull.
std::size_t find_corners(const LaneCells& cells, std::uint8_t* corner, double* efficiency);

/// Customers come in multiples of this where they choose at the prices of several limits.
constexpr std::size_t priced_lanes = 8;

/// What they choose by: sum over columns of coefficient x figure, plus a constant. Column 0 is NaN where an action is
/// not open.
struct PricedLanes {
    std::size_t actions;
    std::size_t columns;
    const double* const* figures;  ///< [action * columns + column] -> [customer]
    const double* coefficients;    ///< [action * (columns + 1) + column], the constant last
    const double* per_currency;    ///< [column]: coarse units
};

/// Everybody's best choice, the first of equals, of customers begin .. end - 1. Adds what it comes to, in units, to
/// `sums` [(action * columns + column) * priced_lanes + lane] and `counts` [action * priced_lanes + lane], of which
/// only the totals over lanes mean something, and writes the choice to `action` [customer - begin]; actions: nothing
/// is open.
void respond_lanes(const PricedLanes& priced, std::size_t begin, std::size_t end, std::int64_t* sums,
                   std::int64_t* counts, std::uint8_t* action);

}  // namespace clv::decisions
