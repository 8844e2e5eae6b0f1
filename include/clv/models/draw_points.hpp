#pragma once
// The points that draws of fitted models are made from. Quasi-random, because every path of a run shares one of a few
// draws with others: Owen-scrambled Sobol points in 16 replicates (random/scrambled_point.hpp), draw k in replicate
// k mod 16. Draws of one replicate are as good as so many of a lattice, and the replicates are independent of each
// other, which is what the errors of figures that they move rest on. Dimensions beyond four of a stream are other point
// sets, in orders of their own (Burley 2020, "Practical hash-based Owen scrambling").

#include <cstddef>
#include <cstdint>
#include <vector>

namespace clv {

/// What draws are of. Each has dimensions of its own.
enum class DrawStream : std::uint32_t { purchase = 0, spend = 1, calendar = 2, contract = 3 };

struct DrawPoints {
    std::uint64_t seed = 0;
    std::uint32_t set = 0;  ///< another one has points that are randomised anew: those of fresh paths

    /// Coordinates of draw k in (0, 1).
    [[nodiscard]] std::vector<double> uniforms(DrawStream stream, std::size_t k, std::size_t count) const;
    /// Their standard normal quantiles.
    [[nodiscard]] std::vector<double> normals(DrawStream stream, std::size_t k, std::size_t count) const;
};

/// Draws for so many paths: one for every 32, so that what a customer's posteriors cost stays small beside its paths;
/// at least 64, so that every replicate has some, and at most 4,096, whose posteriors fit a processor's cache. A power
/// of two.
[[nodiscard]] std::size_t draws_for(std::int64_t paths);

}  // namespace clv
