#include "scan.hpp"

#include <algorithm>
#include <array>
#include <cstring>

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

Excerpt scan(const Cells& cells, double low_price, double high_price, const Scales& scales,
             std::span<std::uint8_t> action, Totals& agreed) {
    constexpr std::size_t one_in = 8;  // a usual share of them
    Excerpt undecided(cells.actions(), cells.customers / one_in);
    std::array<std::uint8_t, lanes> chosen;
    std::array<std::uint8_t, lanes> differs;
    for (std::size_t first = 0; first < cells.customers; first += lanes) {
        const std::size_t count = std::min(lanes, cells.customers - first);
        prefetch(cells, first + ahead);
        const LaneBlock block(cells, scales.cost, first, count);
        const LaneSums sums = scan_lanes(block.cells(), scales.profit.per_currency(), low_price, high_price,
                                         chosen.data(), differs.data());
        agreed = agreed + Totals{sums.profit, sums.cost};
        std::copy_n(chosen.data(), count, action.data() + first);
        constexpr std::size_t word = sizeof(std::uint64_t);
        for (std::size_t begin = 0; begin < count; begin += word) {
            std::uint64_t any = 0;
            std::memcpy(&any, &differs[begin], word);
            for (std::size_t k = begin; any != 0 && k < std::min(begin + word, count); ++k) {
                if (differs[k] != 0) {
                    undecided.add(cells, first + k);  // while its figures are at hand
                }
            }
        }
    }
    return undecided;
}

}  // namespace clv::decisions
