#pragma once
// Chooses how a block divides its fast memory: plain host code.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "block_run.hpp"
#include "clv/simulation/backend.hpp"

namespace clv::cuda {

/// What a block has to hold.
struct BlockWork {
    std::uint32_t paths;
    int alternatives;
    int horizon_months;
    std::uint32_t ranks;  ///< 0: moments only
    bool with_cash;
    PathLaw law = PathLaw::subscription;
};

/// The shape of a block of `lanes` threads with up to `bytes` of fast memory. All values of a customer stay at hand if
/// they fit, so that selection need not simulate again. Nothing if even the least does not fit.
[[nodiscard]] std::optional<BlockShape> fit_block(const BlockWork& work, std::uint32_t lanes, std::size_t bytes);

/// A shape with given parts, e.g. for tests: its bytes are filled in. At least as many lanes as alternatives.
[[nodiscard]] BlockShape block_of(const BlockWork& work, std::uint32_t lanes, std::uint32_t chunk_paths,
                                  std::uint32_t pool_words);

/// Whether a shape keeps all values of a customer at hand.
[[nodiscard]] inline bool keeps_values(const BlockShape& shape, const BlockWork& work) {
    return shape.chunk_paths >= work.paths;
}

}  // namespace clv::cuda
