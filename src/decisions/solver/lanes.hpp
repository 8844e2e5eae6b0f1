#pragma once
// Blocks of customers for the kernels, the last one filled up.

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "lane_kernels.hpp"
#include "scan.hpp"

namespace clv::decisions {

/// Customers first .. first + count - 1 as one block: where they stand, or copied and filled up with customers to whom
/// nothing is open and who get nothing.
class LaneBlock {
  public:
    LaneBlock(const Cells& cells, std::size_t first, std::size_t count)
        : block_{cells.profit.data(), cells.cost.data(), cells.actions(), first} {
        if (count == lanes) {
            return;
        }
        figures_.assign(2 * cells.actions() * lanes, 0.0);
        double* next = figures_.data();
        for (std::size_t a = 0; a < cells.actions(); ++a) {
            std::fill_n(next, lanes, std::numeric_limits<double>::quiet_NaN());
            std::copy_n(cells.profit[a] + first, count, next);
            profit_.push_back(next);
            std::copy_n(cells.cost[a] + first, count, next + lanes);
            cost_.push_back(next + lanes);
            next += 2 * lanes;
        }
        block_.profit = profit_.data();
        block_.cost = cost_.data();
        block_.first = 0;
    }
    [[nodiscard]] const LaneCells& cells() const noexcept { return block_; }

  private:
    LaneCells block_;
    std::vector<double> figures_;
    std::vector<const double*> profit_;
    std::vector<const double*> cost_;
};

}  // namespace clv::decisions
