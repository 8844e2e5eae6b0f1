#pragma once
// The price of a budget: the profit of the last unit of it, at which the linear relaxation spends it to the end.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "hull.hpp"
#include "scan.hpp"

namespace clv::decisions {

/// The optimum of the relaxation, before its split step.
struct PricedPlan {
    double price = 0.0;                ///< efficiency of the first step that does not fit; 0: everything fits
    std::vector<std::uint8_t> action;  ///< of every customer: all steps before that one
    Totals totals;                     ///< of these actions; its cost is within the budget
    std::vector<std::uint32_t> close;  ///< customers with a step next to the split one, in order
};

/// Says which customer is earlier: of steps that are equally efficient the earlier customer's comes first.
using CustomerOrder = std::function<bool(std::uint32_t, std::uint32_t)>;

/// Solves the relaxation for a budget in units of cost; nothing where not even the cheapest choices fit. `close` gets
/// the customers of the `window` steps before and after the split.
[[nodiscard]] std::optional<PricedPlan> price_budget(const Cells& cells, const Scales& scales, Wide budget,
                                                     std::size_t window, const CustomerOrder& before);

}  // namespace clv::decisions
