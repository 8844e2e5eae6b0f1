#include "scan.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "lanes.hpp"

namespace clv::decisions {

Excerpt scan(const Cells& cells, double low_price, double high_price, const Scales& scales,
             std::span<std::uint8_t> action, Totals& agreed) {
    constexpr std::size_t one_in = 8;  // a usual share of them
    Excerpt undecided(cells.actions(), cells.customers / one_in);
    std::array<std::uint8_t, lanes> chosen;
    std::array<std::uint8_t, lanes> differs;
    for (std::size_t first = 0; first < cells.customers; first += lanes) {
        const std::size_t count = std::min(lanes, cells.customers - first);
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
