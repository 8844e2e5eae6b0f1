#pragma once
// Weights of paths as whole numbers, so that weighted sums of money are exact and no order of work shows in them: what
// a plan earns in the bad paths is such a sum (Rockafellar and Uryasev's cuts).

#include <cstdint>
#include <span>
#include <vector>

#include "clv/risk/unit_sums.hpp"

namespace clv {

struct PathWeights {
    /// The largest weight; the others are multiples of 2^-30 of it. 2^27 paths of 2^62 units then fit 128 bits.
    static constexpr std::uint32_t largest = std::uint32_t{1} << 30;

    std::vector<std::uint32_t> whole;  ///< [path]; empty: there are no weights
    std::uint64_t total = 0;           ///< sum of whole

    /// Sum of weight x units over the sum of the weights, in currency.
    [[nodiscard]] double mean(Wide weighted_units, double unit) const noexcept;
    /// That mean from the units of every path, each below 2^62 in magnitude: what a run takes of one customer, and what
    /// a portfolio's path totals have.
    [[nodiscard]] double mean(std::span<const std::int64_t> units, double unit) const;
};

/// Nearest whole weights. Throws ConfigError if a weight is negative or not finite, or if they do not sum to 1.
[[nodiscard]] PathWeights whole_weights(std::span<const double> weights);

}  // namespace clv
