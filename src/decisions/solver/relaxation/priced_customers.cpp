#include "priced_customers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "clv/data/tables/content_hash.hpp"
#include "decisions/solver/lane_kernels.hpp"

namespace clv::decisions {

namespace {

constexpr std::size_t chunk = 1024;  // customers whose sums in units fit 64 bits
constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();

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
    : rows_(rows), sides_(sides), actions_(table.actions.size()) {
    const auto segment = [&](std::uint32_t customer) { return table.segment.empty() ? 0U : table.segment[customer]; };
    const bool by_segment =
        std::ranges::any_of(rows, [](const LimitRow& row) { return row.column.segment.has_value(); });
    std::vector<std::uint32_t> ordered(customers.begin(), customers.end());
    if (by_segment) {
        std::stable_sort(ordered.begin(), ordered.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return segment(a) < segment(b); });
    }
    for (std::size_t k = 0; k < ordered.size(); ++k) {
        if (k == 0 || (by_segment && segment(ordered[k]) != runs_.back().segment)) {
            fill_up();
            runs_.push_back({customer_.size(), 0, segment(ordered[k])});
        }
        customer_.push_back(ordered[k]);
    }
    fill_up();

    const std::size_t places = customer_.size();
    const auto add_column = [&](const std::vector<double>& figures) {
        std::vector<double>& column = columns_.emplace_back(actions_ * places, std::nan(""));
        double largest = 0.0;
        for (std::size_t a = 0; a < actions_; ++a) {
            for (std::size_t k = 0; k < places; ++k) {
                if (customer_[k] != nobody) {
                    const double figure = figures[table.cell(customer_[k], a)];
                    column[a * places + k] = figure;
                    largest = std::abs(figure) > largest ? std::abs(figure) : largest;  // false for NaN
                }
            }
        }
        scales_.emplace_back(largest);
        return columns_.size() - 1;
    };
    add_column(table.maximised());
    for (std::size_t k = 0; tie_break > 0.0 && k < places; ++k) {
        const std::uint64_t id = customer_[k] == nobody ? 0 : customer_id_hash(table.customer_id[customer_[k]]);
        for (std::size_t a = 0; a < actions_; ++a) {
            columns_[0][a * places + k] += tie_break * share_of(id ^ (static_cast<std::uint64_t>(a) << 32));
        }
    }
    costs_.assign(1 + table.further_costs.size(), 0);
    for (const LimitRow& row : rows) {
        using Kind = LimitColumn::Kind;
        const Kind kind = row.column.kind;
        const bool has_profit = kind == Kind::expected_profit || kind == Kind::roi;
        // what a limit counts is not what was added to the objective to break ties
        if (has_profit && profit_ == 0 && (tie_break > 0.0 || !table.objective.empty())) {
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

void PricedCustomers::fill_up() {
    while (customer_.size() % priced_lanes != 0) {
        customer_.push_back(nobody);
    }
    if (!runs_.empty()) {
        runs_.back().end = customer_.size();
    }
}

bool PricedCustomers::counts(const LimitSide& side, std::size_t segment, std::size_t action) const {
    const LimitColumn& column = rows_[side.row].column;
    return column.counts[action] != 0 && (!column.segment || *column.segment == segment);
}

/// [action * (columns + 1) + column]: of the columns, then of 1, in profit minus priced use.
std::vector<double> PricedCustomers::coefficients(std::size_t segment, std::span<const double> prices) const {
    const std::size_t terms = columns_.size() + 1;
    std::vector<double> coefficient(actions_ * terms, 0.0);
    for (std::size_t a = 0; a < actions_; ++a) {
        add_coefficients(segment, a, prices, std::span(coefficient).subspan(a * terms, terms));
    }
    return coefficient;
}

void PricedCustomers::add_coefficients(std::size_t segment, std::size_t action, std::span<const double> prices,
                                       std::span<double> coefficient) const {
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
}

void PricedCustomers::add_use(const Run& run, std::span<const Chosen> chosen, Response& response) const {
    const auto money = [&](std::size_t column, std::size_t action) {
        return scales_[column].money_of_coarse(chosen[action].columns[column]);
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

Response PricedCustomers::respond(std::span<const double> prices, std::span<std::uint8_t> actions) const {
    Response response{0.0, std::vector<double>(sides_.size(), 0.0)};
    const std::size_t columns = columns_.size();
    std::vector<const double*> figures;
    for (std::size_t a = 0; a < actions_; ++a) {
        for (const std::vector<double>& column : columns_) {
            figures.push_back(column.data() + a * customer_.size());
        }
    }
    std::vector<double> per_currency;
    for (const MoneyScale& scale : scales_) {
        per_currency.push_back(scale.coarse_per_currency());
    }
    std::vector<std::int64_t> sums(actions_ * columns * priced_lanes);
    std::vector<std::int64_t> counts(actions_ * priced_lanes);
    std::array<std::uint8_t, chunk> choice;
    for (const Run& run : runs_) {
        std::vector<Chosen> chosen(actions_, {std::vector<Wide>(columns, 0), 0});
        const std::vector<double> coefficient = coefficients(run.segment, prices);
        const PricedLanes priced{actions_, columns, figures.data(), coefficient.data(), per_currency.data()};
        std::fill(counts.begin(), counts.end(), 0);
        for (std::size_t begin = run.begin; begin < run.end; begin += chunk) {
            const std::size_t end = std::min(begin + chunk, run.end);
            std::fill(sums.begin(), sums.end(), 0);
            respond_lanes(priced, begin, end, sums.data(), counts.data(), choice.data());
            for (std::size_t k = 0; k < sums.size(); ++k) {
                const std::size_t sum = k / priced_lanes;
                chosen[sum / columns].columns[sum % columns] += sums[k];
            }
            for (std::size_t k = begin; !actions.empty() && k < end; ++k) {
                if (choice[k - begin] < actions_) {
                    actions[customer_[k]] = choice[k - begin];
                }
            }
        }
        for (std::size_t k = 0; k < counts.size(); ++k) {
            chosen[k / priced_lanes].count += counts[k];
        }
        add_use(run, chosen, response);
    }
    return response;
}

std::vector<std::uint32_t> PricedCustomers::closest(std::span<const double> prices, std::size_t most) const {
    constexpr double none = std::numeric_limits<double>::infinity();
    const std::size_t places = customer_.size();
    const std::size_t terms = columns_.size() + 1;
    std::vector<double> behind(places, none);
    for (const Run& run : runs_) {
        const std::vector<double> coefficient = coefficients(run.segment, prices);
        for (std::size_t k = run.begin; k < run.end; ++k) {
            double best = -none;
            double second = -none;
            for (std::size_t a = 0; a < actions_; ++a) {
                double value = coefficient[a * terms + terms - 1];
                for (std::size_t q = 0; q + 1 < terms; ++q) {
                    if (q == 0 || coefficient[a * terms + q] != 0.0) {  // the NaN of column 0 closes the action
                        value += coefficient[a * terms + q] * columns_[q][a * places + k];
                    }
                }
                if (value > best) {  // false for NaN
                    second = best;
                    best = value;
                } else if (value > second) {
                    second = value;
                }
            }
            behind[k] = second > -none ? best - second : none;
        }
    }
    double furthest = none;
    if (most < places) {
        std::vector<double> sorted = behind;
        const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(most) - 1;
        std::nth_element(sorted.begin(), last, sorted.end());
        furthest = *last;
    }
    std::vector<std::uint32_t> close;
    for (std::size_t k = 0; k < places; ++k) {
        if (customer_[k] != nobody && behind[k] <= furthest) {
            close.push_back(customer_[k]);
        }
    }
    std::sort(close.begin(), close.end());
    return close;
}

}  // namespace clv::decisions
