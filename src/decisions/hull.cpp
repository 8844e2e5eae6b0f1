#include "hull.hpp"

#include <algorithm>
#include <cmath>

namespace clv::decisions {

void open_choices(const Cells& cells, const MoneyScale& scale, std::size_t customer, std::vector<Choice>& choices) {
    choices.clear();
    for (std::size_t a = 0; a < cells.actions(); ++a) {
        const double profit = cells.profit[a][customer];
        if (std::isnan(profit)) {
            continue;
        }
        const Choice choice{profit, scale.units(cells.cost[a][customer]), static_cast<std::uint8_t>(a)};
        // in order of cost, then profit, then action; few enough to insert one by one
        auto place = choices.end();
        while (place != choices.begin() &&
               (place[-1].cost > choice.cost || (place[-1].cost == choice.cost && place[-1].profit < choice.profit))) {
            --place;
        }
        choices.insert(place, choice);
    }
}

Hulls find_hulls(const Cells& cells, const Scales& scales) {
    Hulls hulls;
    hulls.cheapest.resize(cells.customers);
    hulls.steps.reserve(cells.customers * 2);
    std::vector<Choice> choices;
    std::vector<double> efficiency;
    for (std::size_t i = 0; i < cells.customers; ++i) {
        open_choices(cells, scales.cost, i, choices);
        const auto customer = static_cast<std::uint32_t>(i);
        hulls.cheapest[i] = choices.front().action;
        hulls.start.profit += scales.profit.units(choices.front().profit);
        hulls.start.cost += choices.front().cost;
        walk_hull(choices, efficiency, [&](double slope, const Choice& from, const Choice& to) {
            hulls.steps.push_back({slope, to.cost - from.cost, customer, from.action, to.action});
        });
    }
    return hulls;
}

}  // namespace clv::decisions
