#include "hull.hpp"

#include "lanes.hpp"

namespace clv::decisions {

void HullBlock::find(const Cells& cells, std::size_t first, std::size_t count) {
    const std::size_t size = cells.actions() * customers;
    corner_.resize(size);
    efficiency_.resize(size);
    first_ = first;
    const LaneBlock block(cells, first, count);
    rounds_ = find_corners(block.cells(), corner_.data(), efficiency_.data());
}

Hulls find_hulls(const Cells& cells, const Scales& scales) {
    Hulls hulls;
    hulls.cheapest.resize(cells.customers);
    hulls.steps.reserve(cells.customers * 2);
    walk_hulls(
        cells,
        [&](std::size_t customer, std::uint8_t action) {
            hulls.cheapest[customer] = action;
            hulls.start.profit += scales.profit.units(cells.profit[action][customer]);
            hulls.start.cost += scales.cost.units(cells.cost[action][customer]);
        },
        [&](const Step& step) {
            const auto cost = [&](std::uint8_t action) { return scales.cost.units(cells.cost[action][step.customer]); };
            hulls.steps.push_back({step, cost(step.to) - cost(step.from)});
        });
    return hulls;
}

}  // namespace clv::decisions
