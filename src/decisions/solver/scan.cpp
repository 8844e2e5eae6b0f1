#include "scan.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "lanes.hpp"

namespace clv::decisions {

namespace {

constexpr std::size_t ahead = 2 * lanes;

/// Fetches a block that is soon needed: a dozen columns are more than processors follow on their own.
void prefetch(const Cells& cells, std::size_t first) {
    constexpr std::size_t line = 64 / sizeof(double);
    if (first + lanes > cells.customers) {
        return;
    }
    for (std::size_t a = 0; a < cells.actions(); ++a) {
        for (std::size_t k = first; k < first + lanes; k += line) {
            __builtin_prefetch(cells.profit[a] + k);
            __builtin_prefetch(cells.cost[a] + k);
        }
    }
}

}  // namespace

void Excerpt::grow(std::size_t capacity) {
    auto larger = std::make_unique_for_overwrite<double[]>(2 * actions_ * capacity);
    for (std::size_t c = 0; c < 2 * actions_; ++c) {
        std::copy_n(column(c), customer_.size(), larger.get() + c * capacity);
    }
    figures_ = std::move(larger);
    capacity_ = capacity;
    customer_.reserve(capacity);
}

void Excerpt::append(const Cells& cells, std::span<const std::uint32_t> customers) {
    const std::size_t size = customer_.size();
    if (size + customers.size() > capacity_) {
        grow(std::max(2 * capacity_, size + customers.size()));
    }
    for (std::size_t a = 0; a < actions_; ++a) {
        double* const profit = column(a) + size;
        double* const cost = column(actions_ + a) + size;
        for (std::size_t k = 0; k < customers.size(); ++k) {
            profit[k] = cells.profit[a][customers[k]];
            cost[k] = cells.cost[a][customers[k]];
        }
    }
    customer_.insert(customer_.end(), customers.begin(), customers.end());
}

Cells Excerpt::cells() const {
    Cells view;
    view.customers = customer_.size();
    for (std::size_t a = 0; a < actions_; ++a) {
        view.profit.push_back(column(a));
        view.cost.push_back(column(actions_ + a));
    }
    return view;
}

Excerpt scan(const Cells& cells, double low_price, double high_price, const Scales& scales,
             std::span<std::uint8_t> action, Totals& agreed) {
    constexpr std::size_t one_in = 8;  // a usual share of them
    Excerpt undecided(cells.actions(), cells.customers / one_in);
    std::array<std::uint8_t, lanes> chosen;
    std::array<std::uint8_t, lanes> differs;  // 0 or 1
    std::array<std::uint32_t, lanes> differing;
    for (std::size_t first = 0; first < cells.customers; first += lanes) {
        const std::size_t count = std::min(lanes, cells.customers - first);
        prefetch(cells, first + ahead);
        const LaneBlock block(cells, first, count);
        const LaneSums sums =
            scan_lanes(block.cells(), scales.profit.coarse_per_currency(), scales.cost.coarse_per_currency(), low_price,
                       high_price, chosen.data(), differs.data());
        agreed = agreed + Totals{MoneyScale::in_units(sums.profit, sums.fine_profit),
                                 MoneyScale::in_units(sums.cost, sums.fine_cost)};
        std::copy_n(chosen.data(), count, action.data() + first);
        std::size_t open = 0;
        for (std::size_t k = 0; k < count; ++k) {
            differing[open] = static_cast<std::uint32_t>(first + k);
            open += differs[k];
        }
        undecided.append(cells, std::span(differing).first(open));  // while their figures are at hand
    }
    return undecided;
}

}  // namespace clv::decisions
