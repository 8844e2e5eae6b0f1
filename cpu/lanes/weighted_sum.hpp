#pragma once
// Exact sums over a chunk of paths beside those of values and gains. Compiled once per instruction set.

#include "cpu/blocks/path_block.hpp"

namespace clv::cpu {

namespace {

/// Adds currency of `count` paths, at most a chunk, each times its weight (null: 1) to a sum in units of 1 / scale.
/// False if some of it is out of range.
[[maybe_unused]] bool add_weighted(AddUp add_up, const double* currency, const std::uint32_t* weights, int count,
                                   double scale, Wide& sum) {
    UnitsUnderNone scratch;
    AlternativePaths chunk{};
    chunk.scale = scale;
    const bool fits = add_up(Against::nothing, currency, currency, weights, count, chunk, scratch);
    sum += weights != nullptr ? chunk.weighted : chunk.all.total();
    return fits;
}

}  // namespace

}  // namespace clv::cpu
