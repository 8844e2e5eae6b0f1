#include "scan.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "clv/core/instruction_clones.hpp"

namespace clv::decisions {

namespace {

constexpr std::size_t lanes = 8;
constexpr std::size_t block_customers = 512;
using Reals __attribute__((vector_size(lanes * sizeof(double)))) = double;
using Integers __attribute__((vector_size(lanes * sizeof(std::int64_t)))) = std::int64_t;
using Bytes __attribute__((vector_size(lanes))) = std::uint8_t;

struct BlockSums {
    std::int64_t profit = 0;
    std::int64_t cost = 0;
};

/// Customers first .. first + count - 1, `count` a multiple of the lanes. `differs` [customer / lanes]: a bit per lane.
CLV_CLONES BlockSums scan_block(const double* const* profit, const double* const* cost, std::size_t actions,
                                std::size_t first, std::size_t count, double low_price, double high_price,
                                double profit_units, double cost_units, std::uint8_t* action, std::uint8_t* differs) {
    constexpr double lowest = -std::numeric_limits<double>::infinity();
    Integers profit_sum{};
    Integers cost_sum{};
    for (std::size_t i = 0; i < count; i += lanes) {
        Reals low_best = Reals{} + lowest;
        Reals high_best = Reals{} + lowest;
        Integers low_action{};
        Integers high_action{};
        Reals chosen_profit{};
        Reals chosen_cost{};
        for (std::size_t a = 0; a < actions; ++a) {
            Reals p;
            Reals c;
            std::memcpy(&p, profit[a] + first + i, sizeof p);
            std::memcpy(&c, cost[a] + first + i, sizeof c);
            const Reals low = p - low_price * c;
            const Reals high = p - high_price * c;
            const Integers index = Integers{} + static_cast<std::int64_t>(a);
            const Integers low_better = low > low_best;  // false for NaN
            const Integers high_better = high > high_best;
            low_best = low_better ? low : low_best;
            low_action = low_better ? index : low_action;
            high_best = high_better ? high : high_best;
            high_action = high_better ? index : high_action;
            chosen_profit = high_better ? p : chosen_profit;
            chosen_cost = high_better ? c : chosen_cost;
        }
        const Integers same = low_action == high_action;
        const Reals shift = Reals{} + MoneyScale::rounding_shift;
        const Reals profit_integer = chosen_profit * profit_units + shift;
        const Reals cost_integer = chosen_cost * cost_units + shift;
        profit_sum += same & ((Integers)profit_integer - (Integers)shift);
        cost_sum += same & ((Integers)cost_integer - (Integers)shift);
        const Bytes chosen = __builtin_convertvector(high_action, Bytes);
        std::memcpy(action + i, &chosen, sizeof chosen);
        const Bytes equal = __builtin_convertvector(same, Bytes);
        std::uint64_t equal_bytes;
        std::memcpy(&equal_bytes, &equal, sizeof equal_bytes);
        // the lowest bit of every byte, gathered in the highest byte
        differs[i / lanes] =
            static_cast<std::uint8_t>(((~equal_bytes & 0x0101010101010101U) * 0x0102040810204080U) >> 56);
    }
    BlockSums sums;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        sums.profit += profit_sum[lane];
        sums.cost += cost_sum[lane];
    }
    return sums;
}

}  // namespace

void scan(const Cells& cells, double low_price, double high_price, const Scales& scales, std::span<std::uint8_t> action,
          Totals& agreed, std::vector<std::uint32_t>& undecided) {
    std::array<std::uint8_t, block_customers / lanes> differs;
    const std::size_t actions = cells.actions();
    const auto take = [&](const double* const* profit, const double* const* cost, std::size_t offset, std::size_t first,
                          std::size_t count, std::uint8_t* chosen) {
        const BlockSums sums =
            scan_block(profit, cost, actions, offset, count, low_price, high_price, scales.profit.per_currency(),
                       scales.cost.per_currency(), chosen, differs.data());
        agreed.profit += sums.profit;
        agreed.cost += sums.cost;
        for (std::size_t group = 0; group < count / lanes; ++group) {
            for (unsigned bits = differs[group]; bits != 0; bits &= bits - 1) {
                const auto lane = static_cast<std::size_t>(__builtin_ctz(bits));
                undecided.push_back(static_cast<std::uint32_t>(first + group * lanes + lane));
            }
        }
    };
    const std::size_t whole = cells.customers / lanes * lanes;
    for (std::size_t first = 0; first < whole; first += block_customers) {
        take(cells.profit.data(), cells.cost.data(), first, first, std::min(block_customers, whole - first),
             action.data() + first);
    }
    if (const std::size_t rest = cells.customers - whole; rest > 0) {
        // the last few, padded with customers to whom nothing is open and who get nothing
        std::vector<double> padded(2 * actions * lanes, 0.0);
        std::vector<const double*> profit(actions);
        std::vector<const double*> cost(actions);
        for (std::size_t a = 0; a < actions; ++a) {
            double* p = padded.data() + 2 * a * lanes;
            double* c = p + lanes;
            std::fill_n(p, lanes, std::numeric_limits<double>::quiet_NaN());
            std::copy_n(cells.profit[a] + whole, rest, p);
            std::copy_n(cells.cost[a] + whole, rest, c);
            profit[a] = p;
            cost[a] = c;
        }
        std::array<std::uint8_t, lanes> chosen;
        take(profit.data(), cost.data(), 0, whole, lanes, chosen.data());
        std::copy_n(chosen.data(), rest, action.data() + whole);
    }
}

}  // namespace clv::decisions
