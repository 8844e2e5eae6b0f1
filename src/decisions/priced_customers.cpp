#include "priced_customers.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <string_view>

#include "clv/core/instruction_clones.hpp"

namespace clv::decisions {

namespace {

constexpr std::size_t chunk = 256;
using Chunk = std::array<double, chunk>;

CLV_CLONES void add_product(const double* figures, double coefficient, std::size_t count, double* values) {
    for (std::size_t k = 0; k < count; ++k) {
        values[k] += coefficient * figures[k];
    }
}

CLV_CLONES void take_better(const double* values, double action, std::size_t count, double* best, double* chosen) {
    for (std::size_t k = 0; k < count; ++k) {
        const bool is_better = values[k] > best[k];  // false for NaN
        chosen[k] = is_better ? action : chosen[k];
        best[k] = is_better ? values[k] : best[k];
    }
}

CLV_CLONES std::int64_t add_chosen(const double* figures, const double* chosen, double action, double per_currency,
                                   std::size_t count) {
    constexpr auto shift = MoneyScale::rounding_shift;
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < count; ++k) {
        const double money = chosen[k] == action ? figures[k] : 0.0;
        sum += std::bit_cast<std::int64_t>(money * per_currency + shift) - std::bit_cast<std::int64_t>(shift);
    }
    return sum;
}

CLV_CLONES std::int64_t count_chosen(const double* chosen, double action, std::size_t count) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < count; ++k) {
        sum += chosen[k] == action ? 1 : 0;
    }
    return sum;
}

/// A number in [0, 1) that looks drawn (the finaliser of SplitMix64).
double share_of(std::uint64_t key) {
    key += 0x9E3779B97F4A7C15U;
    key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9U;
    key = (key ^ (key >> 27)) * 0x94D049BB133111EBU;
    return static_cast<double>((key ^ (key >> 31)) >> 11) * 0x1p-53;
}

}  // namespace

PricedCustomers::PricedCustomers(const UpliftTable& table, const std::vector<LimitRow>& rows,
                                 const std::vector<LimitSide>& sides, std::span<const std::uint32_t> customers,
                                 double tie_break)
    : rows_(rows), sides_(sides), actions_(table.actions.size()), customer_(customers.begin(), customers.end()) {
    const auto segment = [&](std::uint32_t customer) { return table.segment.empty() ? 0U : table.segment[customer]; };
    const bool by_segment =
        std::ranges::any_of(rows, [](const LimitRow& row) { return row.column.segment.has_value(); });
    if (by_segment) {
        std::stable_sort(customer_.begin(), customer_.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return segment(a) < segment(b); });
    }
    for (std::size_t k = 0; k < customer_.size(); ++k) {
        if (k == 0 || (by_segment && segment(customer_[k]) != runs_.back().segment)) {
            runs_.push_back({k, k, segment(customer_[k])});
        }
        runs_.back().end = k + 1;
    }

    const auto add_column = [&](const std::vector<double>& figures) {
        std::vector<double>& column = columns_.emplace_back(actions_ * customer_.size());
        double largest = 1.0;
        for (std::size_t a = 0; a < actions_; ++a) {
            for (std::size_t k = 0; k < customer_.size(); ++k) {
                const double figure = figures[table.cell(customer_[k], a)];
                column[a * customer_.size() + k] = figure;
                largest = std::fmax(largest, std::abs(figure));
            }
        }
        scales_.emplace_back(largest);
        return columns_.size() - 1;
    };
    add_column(table.maximised());
    for (std::size_t k = 0; tie_break > 0.0 && k < customer_.size(); ++k) {
        const std::size_t id = std::hash<std::string_view>{}(table.customer_id[customer_[k]]);
        for (std::size_t a = 0; a < actions_; ++a) {
            columns_[0][a * customer_.size() + k] += tie_break * share_of(id + a);
        }
    }
    costs_.assign(1 + table.further_costs.size(), 0);
    for (const LimitRow& row : rows) {
        using Kind = LimitColumn::Kind;
        const Kind kind = row.column.kind;
        const bool has_profit = kind == Kind::expected_profit || kind == Kind::roi;
        if (has_profit && profit_ == 0 && !table.objective.empty()) {
            profit_ = add_column(table.expected_profit);
        }
        if ((kind == Kind::cost || kind == Kind::roi) && costs_[0] == 0) {
            costs_[0] = add_column(table.cost);
        }
        if (kind == Kind::further_cost && costs_[1 + row.column.further] == 0) {
            costs_[1 + row.column.further] = add_column(table.further_costs[row.column.further].values);
        }
    }
}

bool PricedCustomers::counts(const LimitSide& side, std::size_t segment, std::size_t action) const {
    const LimitColumn& column = rows_[side.row].column;
    return column.counts[action] != 0 && (!column.segment || *column.segment == segment);
}

/// Of the columns, then of 1, in profit minus priced use.
std::vector<double> PricedCustomers::coefficients(std::size_t segment, std::size_t action,
                                                  std::span<const double> prices) const {
    std::vector<double> coefficient(columns_.size() + 1, 0.0);
    coefficient[0] = 1.0;
    for (std::size_t j = 0; j < sides_.size(); ++j) {
        const double price = sides_[j].sign * prices[j];
        if (price == 0.0 || !counts(sides_[j], segment, action)) {
            continue;
        }
        const LimitColumn& column = rows_[sides_[j].row].column;
        switch (column.kind) {
            case LimitColumn::Kind::cost:
                coefficient[costs_[0]] -= price;
                break;
            case LimitColumn::Kind::further_cost:
                coefficient[costs_[1 + column.further]] -= price;
                break;
            case LimitColumn::Kind::expected_profit:
                coefficient[profit_] -= price;
                break;
            case LimitColumn::Kind::count:
                coefficient.back() -= price;
                break;
            case LimitColumn::Kind::roi:
                coefficient[profit_] -= price;
                coefficient[costs_[0]] += price * column.min_roi;
                break;
        }
    }
    return coefficient;
}

void PricedCustomers::add_use(const Run& run, std::span<const Chosen> chosen, Response& response) const {
    const auto money = [&](std::size_t column, std::size_t action) {
        return scales_[column].money(chosen[action].columns[column]);
    };
    for (std::size_t a = 0; a < actions_; ++a) {
        response.objective += money(0, a);
        for (std::size_t j = 0; j < sides_.size(); ++j) {
            if (!counts(sides_[j], run.segment, a)) {
                continue;
            }
            const LimitColumn& column = rows_[sides_[j].row].column;
            double use = 0.0;
            switch (column.kind) {
                case LimitColumn::Kind::cost:
                    use = money(costs_[0], a);
                    break;
                case LimitColumn::Kind::further_cost:
                    use = money(costs_[1 + column.further], a);
                    break;
                case LimitColumn::Kind::expected_profit:
                    use = money(profit_, a);
                    break;
                case LimitColumn::Kind::count:
                    use = static_cast<double>(chosen[a].count);
                    break;
                case LimitColumn::Kind::roi:
                    use = money(profit_, a) - column.min_roi * money(costs_[0], a);
                    break;
            }
            response.use[j] += sides_[j].sign * use;
        }
    }
}

Response PricedCustomers::respond(std::span<const double> prices, std::vector<std::uint8_t>* actions) const {
    Response response{0.0, std::vector<double>(sides_.size(), 0.0)};
    if (actions != nullptr) {
        actions->assign(customer_.size(), 0);
    }
    Chunk best;
    Chunk values;
    Chunk choice;
    for (const Run& run : runs_) {
        std::vector<Chosen> chosen(actions_, {std::vector<Wide>(columns_.size(), 0), 0});
        std::vector<std::vector<double>> coefficient;
        for (std::size_t a = 0; a < actions_; ++a) {
            coefficient.push_back(coefficients(run.segment, a, prices));
        }
        for (std::size_t begin = run.begin; begin < run.end; begin += chunk) {
            const std::size_t count = std::min(chunk, run.end - begin);
            best.fill(-std::numeric_limits<double>::infinity());
            choice.fill(0.0);
            for (std::size_t a = 0; a < actions_; ++a) {
                values.fill(coefficient[a].back());
                for (std::size_t q = 0; q < columns_.size(); ++q) {
                    if (coefficient[a][q] != 0.0) {
                        add_product(&columns_[q][a * customer_.size() + begin], coefficient[a][q], count,
                                    values.data());
                    }
                }
                take_better(values.data(), static_cast<double>(a), count, best.data(), choice.data());
            }
            for (std::size_t a = 0; a < actions_; ++a) {
                const auto action = static_cast<double>(a);
                chosen[a].count += count_chosen(choice.data(), action, count);
                for (std::size_t q = 0; q < columns_.size(); ++q) {
                    chosen[a].columns[q] += add_chosen(&columns_[q][a * customer_.size() + begin], choice.data(),
                                                       action, scales_[q].per_currency(), count);
                }
            }
            for (std::size_t k = 0; actions != nullptr && k < count; ++k) {
                (*actions)[begin + k] = static_cast<std::uint8_t>(choice[k]);
            }
        }
        add_use(run, chosen, response);
    }
    return response;
}

}  // namespace clv::decisions
