#pragma once
// Chooses how a block divides its fast memory: plain host code.

#include <cstddef>
#include <cstdint>
#include <functional>
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

/// The shape of a block of `lanes` threads with up to `bytes` of fast memory. Nothing if even the least does not fit.
[[nodiscard]] std::optional<BlockShape> fit_block(const BlockWork& work, std::uint32_t lanes, std::size_t bytes);

/// The shape of blocks of which up to `most_residents` share a multiprocessor; `bytes` says how much fast memory each
/// of so many can have. Fewer, where more would have to look at all values again and again.
[[nodiscard]] std::optional<BlockShape> fit_blocks(const BlockWork& work, std::uint32_t lanes, int most_residents,
                                                   const std::function<std::size_t(int residents)>& bytes);

/// A shape with given parts, e.g. for tests: its bytes are filled in. At least as many lanes as alternatives.
[[nodiscard]] BlockShape block_of(const BlockWork& work, std::uint32_t lanes, std::uint32_t chunk_paths,
                                  std::uint32_t pool_words);

}  // namespace clv::cuda
