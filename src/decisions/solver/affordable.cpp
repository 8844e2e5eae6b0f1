#include <algorithm>
#include <cmath>
#include <limits>

#include "clv/decisions/table/exact_limits.hpp"
#include "plan_problem.hpp"

namespace clv::decisions {

namespace {

OrderFreeSum single(double amount) {
    OrderFreeSum sum;
    sum.add(amount);
    return sum;
}

/// Whether costs are so large against a limit that fits none of them that others would lose digits beside them, and
/// none makes room for them.
bool dwarfs(const UpliftTable& table, const AmountRange& range, const LimitRow& row) {
    constexpr double far = 0x1p-20;
    if (!row.max || !(range.largest * far > *row.max)) {
        return false;
    }
    for (std::size_t a = 0; a < table.actions.size(); ++a) {
        for (std::size_t i = 0; i < table.size(); ++i) {
            if (table.is_open(i, a) && row.column.weight(table, i, a) < 0.0) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

std::optional<UpliftTable> affordable_table(const UpliftTable& table, const std::vector<LimitRow>& rows,
                                            const AmountRanges& ranges) {
    constexpr double closed = std::numeric_limits<double>::quiet_NaN();
    std::optional<UpliftTable> affordable;
    for (const LimitRow& row : rows) {
        const auto range = ranges.of(row.column);
        if (!range || !dwarfs(table, *range, row)) {
            continue;
        }
        for (std::size_t a = 0; a < table.actions.size(); ++a) {
            for (std::size_t i = 0; i < table.size(); ++i) {
                const double cost = table.is_open(i, a) ? row.column.weight(table, i, a) : 0.0;
                if (cost > 0.0 && !keeps_most(single(cost), *row.max, row.max_allowance)) {
                    if (!affordable) {
                        affordable = table;
                    }
                    affordable->expected_profit[table.cell(i, a)] = closed;
                    if (!affordable->objective.empty()) {
                        affordable->objective[table.cell(i, a)] = closed;
                    }
                }
            }
        }
    }
    for (std::size_t i = 0; affordable && i < table.size(); ++i) {
        std::size_t a = 0;
        while (a < table.actions.size() && !affordable->is_open(i, a)) {
            ++a;
        }
        if (a == table.actions.size()) {
            return std::nullopt;  // no plan keeps the limits, which the solvers find out
        }
    }
    return affordable;
}

bool keeps(const UpliftTable& table, const LimitRow& row, std::span<const std::uint8_t> action) {
    OrderFreeSum sum;
    for (std::size_t i = 0; i < action.size(); ++i) {
        sum.add(row.column.weight(table, i, action[i]));
    }
    return (!row.max || keeps_most(sum, *row.max, row.max_allowance)) &&
           (!row.min || keeps_least(sum, *row.min, row.min_allowance));
}

void tighten(const UpliftTable& table, LimitRow& row) {
    double largest = 0.0;
    for (std::size_t a = 0; a < table.actions.size(); ++a) {
        for (std::size_t i = 0; i < table.size(); ++i) {
            largest = std::max(largest, table.is_open(i, a) ? std::abs(row.column.weight(table, i, a)) : 0.0);
        }
    }
    const double rounding = static_cast<double>(table.size()) / MoneyScale(largest).per_currency();
    const auto nearer = [&](double bound, double side) {
        return std::min(side * (bound - side * rounding), side * std::nextafter(bound, -side * HUGE_VAL)) * side;
    };
    row.max = row.max ? std::optional(nearer(*row.max, 1.0)) : row.max;
    row.min = row.min ? std::optional(nearer(*row.min, -1.0)) : row.min;
}

std::optional<AmountRange> AmountRanges::of(const LimitColumn& column) const {
    switch (column.kind) {
        case LimitColumn::Kind::cost:
            return cost;
        case LimitColumn::Kind::further_cost:
            return further_costs[column.further];
        default:
            return std::nullopt;
    }
}

}  // namespace clv::decisions
