#pragma once
// The upper concave hull of a customer's choices over cost: all that the linear relaxation of one budget can use.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "exact_money.hpp"
#include "scan.hpp"

namespace clv::decisions {

struct Choice {
    double profit;      ///< currency
    std::int64_t cost;  ///< units
    std::uint8_t action;
};

/// From one corner of a hull to the next, which costs more and earns more.
struct Step {
    double efficiency;  ///< profit per unit of cost; falls along a hull
    std::int64_t cost;  ///< what the step adds, above 0
    std::uint32_t customer;
    std::uint8_t from;
    std::uint8_t to;
};

/// Writes the choices that are open to the customer, cheapest first and best first at equal cost, to `choices`.
void open_choices(const Cells& cells, const MoneyScale& scale, std::size_t customer, std::vector<Choice>& choices);

/// Cuts choices in that order down to the corners of the hull, from the cheapest choice to the one that earns most.
/// Calls step(efficiency, from, to) for each of its steps.
template <class OnStep>
void walk_hull(std::vector<Choice>& choices, std::vector<double>& efficiency, OnStep&& step) {
    std::size_t last = 0;
    efficiency.assign(choices.size(), 0.0);
    for (std::size_t k = 1; k < choices.size(); ++k) {
        const Choice choice = choices[k];
        if (choice.profit <= choices[last].profit || choice.cost == choices[last].cost) {
            continue;  // dearer, and no better; or as dear, and after the better
        }
        const auto slope = [&](const Choice& from) {
            return (choice.profit - from.profit) / static_cast<double>(choice.cost - from.cost);
        };
        while (last > 0 && slope(choices[last]) >= efficiency[last]) {
            --last;
        }
        efficiency[last + 1] = slope(choices[last]);
        choices[++last] = choice;
    }
    choices.resize(choices.empty() ? 0 : last + 1);
    for (std::size_t k = 1; k < choices.size(); ++k) {
        step(efficiency[k], choices[k - 1], choices[k]);
    }
}

/// The hulls of all customers: their cheapest choices and the steps from there.
struct Hulls {
    std::vector<std::uint8_t> cheapest;  ///< action of every customer
    Totals start;                        ///< of the cheapest choices
    std::vector<Step> steps;             ///< customer by customer
};

[[nodiscard]] Hulls find_hulls(const Cells& cells, const Scales& scales);

}  // namespace clv::decisions
