// Compiled once for every instruction set, and the best chosen at run time. No operation is fused, so all give the same
// bits.

#include "lane_kernels.hpp"

#include <algorithm>

#include "decisions/table/exact_money.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lane_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace clv::decisions::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Real = hn::CappedTag<double, 8>;
using Integer = hn::RebindToSigned<Real>;

constexpr double highest_efficiency = 1.0e250;  // so that prices stay finite

LaneSums scan_lanes(const LaneCells& cells, double profit_units, double cost_units, double low_price, double high_price,
                    std::uint8_t* HWY_RESTRICT action, std::uint8_t* HWY_RESTRICT differs) {
    const Real d;
    const Integer di;
    const auto low_prices = hn::Set(d, low_price);
    const auto high_prices = hn::Set(d, high_price);
    const auto shift = hn::Set(d, MoneyScale::rounding_shift);
    const auto fine_in_coarse = hn::Set(d, MoneyScale::fine_in_coarse);
    const auto whole = [&](auto shifted) HWY_ATTR { return hn::Sub(hn::BitCast(di, shifted), hn::BitCast(di, shift)); };
    const auto add = [&](auto money, double per_currency, auto& coarse, auto& fine) HWY_ATTR {
        const auto scaled = hn::Mul(money, hn::Set(d, per_currency));
        const auto shifted = hn::Add(scaled, shift);
        const auto rest = hn::Mul(hn::Sub(scaled, hn::Sub(shifted, shift)), fine_in_coarse);
        coarse = hn::Add(coarse, whole(shifted));
        fine = hn::Add(fine, whole(hn::Add(rest, shift)));
    };
    auto profit_sum = hn::Zero(di);
    auto fine_profit_sum = hn::Zero(di);
    auto cost_sum = hn::Zero(di);
    auto fine_cost_sum = hn::Zero(di);
    HWY_ALIGN double chosen[lanes];
    HWY_ALIGN double same_lanes[lanes];
    for (std::size_t k = 0; k < lanes; k += hn::Lanes(d)) {
        auto low_best = hn::Set(d, hwy::LowestValue<double>());
        auto high_best = low_best;
        auto low_action = hn::Zero(d);
        auto high_action = hn::Zero(d);
        auto chosen_profit = hn::Zero(d);
        auto chosen_cost = hn::Zero(d);
        for (std::size_t a = 0; a < cells.actions; ++a) {
            const auto p = hn::LoadU(d, cells.profit[a] + cells.first + k);
            const auto c = hn::LoadU(d, cells.cost[a] + cells.first + k);
            const auto index = hn::Set(d, static_cast<double>(a));
            const auto low = hn::Sub(p, hn::Mul(low_prices, c));
            const auto high = hn::Sub(p, hn::Mul(high_prices, c));
            const auto low_better = hn::Gt(low, low_best);  // false for NaN
            const auto high_better = hn::Gt(high, high_best);
            low_best = hn::IfThenElse(low_better, low, low_best);
            low_action = hn::IfThenElse(low_better, index, low_action);
            high_best = hn::IfThenElse(high_better, high, high_best);
            high_action = hn::IfThenElse(high_better, index, high_action);
            chosen_profit = hn::IfThenElse(high_better, p, chosen_profit);
            chosen_cost = hn::IfThenElse(high_better, c, chosen_cost);
        }
        const auto same = hn::Eq(low_action, high_action);
        add(hn::IfThenElseZero(same, chosen_profit), profit_units, profit_sum, fine_profit_sum);
        add(hn::IfThenElseZero(same, chosen_cost), cost_units, cost_sum, fine_cost_sum);
        hn::Store(high_action, d, chosen + k);
        hn::Store(hn::IfThenElseZero(same, hn::Set(d, 1.0)), d, same_lanes + k);
    }
    for (std::size_t k = 0; k < lanes; ++k) {
        action[k] = static_cast<std::uint8_t>(static_cast<int>(chosen[k]));
        differs[k] = same_lanes[k] == 0.0;
    }
    return {hn::GetLane(hn::SumOfLanes(di, profit_sum)), hn::GetLane(hn::SumOfLanes(di, fine_profit_sum)),
            hn::GetLane(hn::SumOfLanes(di, cost_sum)), hn::GetLane(hn::SumOfLanes(di, fine_cost_sum))};
}

std::size_t find_corners(const LaneCells& cells, std::uint8_t* HWY_RESTRICT corner, double* HWY_RESTRICT efficiency) {
    const Real d;
    const auto zero = hn::Zero(d);
    HWY_ALIGN double action_lanes[8];
    std::size_t longest = 0;
    for (std::size_t k = 0; k < lanes; k += hn::Lanes(d)) {
        const auto profit = [&](std::size_t a) HWY_ATTR { return hn::LoadU(d, cells.profit[a] + cells.first + k); };
        const auto cost = [&](std::size_t a) HWY_ATTR { return hn::LoadU(d, cells.cost[a] + cells.first + k); };
        auto corner_cost = hn::Set(d, hwy::HighestValue<double>());
        auto corner_profit = hn::Set(d, hwy::LowestValue<double>());
        auto corner_action = zero;
        const auto keep_actions = [&](std::size_t round) HWY_ATTR {
            hn::Store(corner_action, d, action_lanes);
            for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
                corner[round * lanes + k + lane] = static_cast<std::uint8_t>(static_cast<int>(action_lanes[lane]));
            }
        };
        for (std::size_t a = 0; a < cells.actions; ++a) {
            const auto p = profit(a);
            const auto c = cost(a);
            const auto as_cheap = hn::And(hn::Eq(c, corner_cost), hn::Gt(p, corner_profit));
            const auto cheaper = hn::And(hn::Eq(p, p), hn::Or(hn::Lt(c, corner_cost), as_cheap));
            corner_cost = hn::IfThenElse(cheaper, c, corner_cost);
            corner_profit = hn::IfThenElse(cheaper, p, corner_profit);
            corner_action = hn::IfThenElse(cheaper, hn::Set(d, static_cast<double>(a)), corner_action);
        }
        keep_actions(0);
        auto last_slope = hn::Set(d, highest_efficiency);
        std::size_t round = 1;
        for (; round < cells.actions; ++round) {
            auto best_slope = zero;
            auto best_cost = corner_cost;
            auto best_profit = corner_profit;
            for (std::size_t a = 0; a < cells.actions; ++a) {
                const auto p = profit(a);
                const auto c = cost(a);
                const auto rise = hn::Sub(p, corner_profit);
                const auto run = hn::Sub(c, corner_cost);
                const auto slope = hn::Div(rise, run);
                const auto dearest = hn::And(hn::Eq(slope, best_slope), hn::Gt(c, best_cost));
                const auto steeper = hn::Or(hn::Gt(slope, best_slope), dearest);
                const auto better = hn::And(hn::And(hn::Gt(run, zero), hn::Gt(rise, zero)), steeper);  // false for NaN
                best_slope = hn::IfThenElse(better, slope, best_slope);
                best_cost = hn::IfThenElse(better, c, best_cost);
                best_profit = hn::IfThenElse(better, p, best_profit);
                corner_action = hn::IfThenElse(better, hn::Set(d, static_cast<double>(a)), corner_action);
            }
            if (hn::AllFalse(d, hn::Gt(best_slope, zero))) {
                break;
            }
            last_slope = hn::Min(last_slope, best_slope);  // rounding must not bend a hull the wrong way
            hn::StoreU(last_slope, d, efficiency + round * lanes + k);
            corner_cost = best_cost;
            corner_profit = best_profit;
            keep_actions(round);
        }
        longest = std::max(longest, round - 1);
        for (; round < cells.actions; ++round) {
            hn::StoreU(zero, d, efficiency + round * lanes + k);
        }
    }
    return longest;
}

void respond_lanes(const PricedLanes& priced, std::size_t begin, std::size_t end, std::int64_t* HWY_RESTRICT sums,
                   std::int64_t* HWY_RESTRICT counts, std::uint8_t* HWY_RESTRICT action) {
    const Real d;
    const Integer di;
    const auto shift = hn::Set(d, MoneyScale::rounding_shift);
    const std::size_t columns = priced.columns;
    HWY_ALIGN double chosen[priced_lanes];
    for (std::size_t k = begin; k < end; k += hn::Lanes(d)) {
        auto best = hn::Set(d, -hwy::HighestValue<double>());
        auto choice = hn::Set(d, static_cast<double>(priced.actions));
        for (std::size_t a = 0; a < priced.actions; ++a) {
            const double* coefficients = priced.coefficients + a * (columns + 1);
            auto value = hn::Set(d, coefficients[columns]);
            for (std::size_t q = 0; q < columns; ++q) {
                // column 0 counts at a coefficient of 0 too: its NaN closes the action
                if (q == 0 || coefficients[q] != 0.0) {
                    const auto figures = hn::LoadU(d, priced.figures[a * columns + q] + k);
                    value = hn::Add(value, hn::Mul(hn::Set(d, coefficients[q]), figures));
                }
            }
            const auto is_better = hn::Gt(value, best);  // false for NaN
            best = hn::IfThenElse(is_better, value, best);
            choice = hn::IfThenElse(is_better, hn::Set(d, static_cast<double>(a)), choice);
        }
        for (std::size_t a = 0; a < priced.actions; ++a) {
            const auto is_chosen = hn::Eq(choice, hn::Set(d, static_cast<double>(a)));
            std::int64_t* count = counts + a * priced_lanes;
            const auto one = hn::BitCast(di, hn::IfThenElseZero(is_chosen, hn::BitCast(d, hn::Set(di, 1))));
            hn::StoreU(hn::Add(hn::LoadU(di, count), one), di, count);
            for (std::size_t q = 0; q < columns; ++q) {
                const auto figures = hn::LoadU(d, priced.figures[a * columns + q] + k);
                const auto money = hn::IfThenElseZero(is_chosen, figures);
                const auto shifted = hn::Add(hn::Mul(money, hn::Set(d, priced.per_currency[q])), shift);
                std::int64_t* sum = sums + (a * columns + q) * priced_lanes;
                const auto units = hn::Sub(hn::BitCast(di, shifted), hn::BitCast(di, shift));
                hn::StoreU(hn::Add(hn::LoadU(di, sum), units), di, sum);
            }
        }
        hn::Store(choice, d, chosen);
        for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
            action[k - begin + lane] = static_cast<std::uint8_t>(static_cast<int>(chosen[lane]));
        }
    }
}

}  // namespace clv::decisions::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace clv::decisions {

HWY_EXPORT(scan_lanes);
HWY_EXPORT(find_corners);
HWY_EXPORT(respond_lanes);

LaneSums scan_lanes(const LaneCells& cells, double profit_units, double cost_units, double low_price, double high_price,
                    std::uint8_t* action, std::uint8_t* differs) {
    return HWY_DYNAMIC_DISPATCH(scan_lanes)(cells, profit_units, cost_units, low_price, high_price, action, differs);
}

std::size_t find_corners(const LaneCells& cells, std::uint8_t* corner, double* efficiency) {
    return HWY_DYNAMIC_DISPATCH(find_corners)(cells, corner, efficiency);
}

void respond_lanes(const PricedLanes& priced, std::size_t begin, std::size_t end, std::int64_t* sums,
                   std::int64_t* counts, std::uint8_t* action) {
    HWY_DYNAMIC_DISPATCH(respond_lanes)(priced, begin, end, sums, counts, action);
}

}  // namespace clv::decisions
#endif
