#pragma once
// The upper concave hull of a customer's choices over cost: all that the linear relaxation of one budget can use.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "decisions/table/exact_money.hpp"
#include "lane_kernels.hpp"
#include "scan.hpp"

namespace clv::decisions {

/// From one corner of a hull to the next, which costs more and earns more.
struct Step {
    double efficiency;  ///< profit per cost; does not rise along a hull
    std::uint32_t customer;
    std::uint8_t from;
    std::uint8_t to;
};

/// The hulls of some consecutive customers: cheapest choices, then steps round by round.
class HullBlock {
  public:
    static constexpr std::size_t customers = lanes;

    /// Finds those of customers first .. first + count - 1 of the cells, by going from each corner to the one that
    /// rises most steeply from there, the dearest of equals.
    void find(const Cells& cells, std::size_t first, std::size_t count);

    /// Action of the block's customer k; the best one of equal cost.
    [[nodiscard]] std::uint8_t cheapest(std::size_t k) const { return corner_[k]; }
    /// Calls step(Step) for the steps of the block's customer k in order.
    template <class OnStep>
    void walk(std::size_t k, OnStep&& step) const {
        std::uint8_t from = corner_[k];
        for (std::size_t slot = customers + k; slot < (rounds_ + 1) * customers && efficiency_[slot] > 0.0;
             slot += customers) {
            step(Step{efficiency_[slot], static_cast<std::uint32_t>(first_ + k), from, corner_[slot]});
            from = corner_[slot];
        }
    }

  private:
    std::size_t first_ = 0;
    std::size_t rounds_ = 0;            ///< most steps of any of them
    std::vector<std::uint8_t> corner_;  ///< [round][k]: action; round 0 is the cheapest
    std::vector<double> efficiency_;    ///< [round][k]: of the step to the corner; 0: there was none
};

/// Calls start(customer, action), then step(Step) for the steps of that customer in order, for every customer.
template <class OnStart, class OnStep>
void walk_hulls(const Cells& cells, OnStart&& start, OnStep&& step) {
    HullBlock block;
    for (std::size_t first = 0; first < cells.customers; first += HullBlock::customers) {
        const std::size_t count = std::min(HullBlock::customers, cells.customers - first);
        block.find(cells, first, count);
        for (std::size_t k = 0; k < count; ++k) {
            start(first + k, block.cheapest(k));
            block.walk(k, step);
        }
    }
}

/// A step with what it adds to the cost, above 0, in units.
struct PricedStep : Step {
    Wide cost;
};

/// The hulls of all customers: their cheapest choices and the steps from there.
struct Hulls {
    std::vector<std::uint8_t> cheapest;  ///< action of every customer
    Totals start;                        ///< of the cheapest choices
    std::vector<PricedStep> steps;       ///< customer by customer
};

[[nodiscard]] Hulls find_hulls(const Cells& cells, const Scales& scales);

}  // namespace clv::decisions
