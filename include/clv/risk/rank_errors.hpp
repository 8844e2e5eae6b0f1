#pragma once
// Standard errors of quantiles from the sample's own order statistics.
//
//   Definition   How far a quantile would move in other samples is how far the order statistic of its rank moves when
//                the rank does: the sample's value at rank k + s Z, Z standard normal, has the error as its standard
//                deviation; s is that of the number of values below the quantile, sqrt(N a (1 - a)) where paths are
//                independent. This is the bootstrap of an order statistic without resampling (Maritz and Jarrett 1978,
//                "A note on estimating the variance of the sample median"). It needs no density, and where values are
//                few and heavy (atoms) it says how often the quantile falls on the next one.
//
//   Algorithm    The sum over seven nodes of Z, evenly spaced, with weights in proportion to the normal density there,
//                and spaced so that their variance is 1. Counts near an end of the sample are skewed: ranks follow a
//                gamma distribution of the same mean and variance in the approximation of Wilson and Hilferty (1931).

#include <array>
#include <cstddef>
#include <cstdint>

namespace clv {

inline constexpr std::size_t rank_nodes = 7;

/// Ranks at the nodes, rising, 1..count. `rank`: the quantile's; `spread`: standard deviation of the number of values
/// below it, at least 0.
[[nodiscard]] std::array<std::uint64_t, rank_nodes> ranks_around(std::uint64_t count, std::uint64_t rank,
                                                                 double spread) noexcept;

/// Standard deviation over the nodes of the values at their ranks.
[[nodiscard]] double error_over_nodes(const std::array<double, rank_nodes>& values) noexcept;

}  // namespace clv
