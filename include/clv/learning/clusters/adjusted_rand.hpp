#pragma once

#include <cstdint>
#include <span>

namespace clv {

/// Adjusted Rand index: how far two labelings of the same things agree on which pairs belong together, less what
/// labelings at random with the same sizes would (Hubert and Arabie, "Comparing partitions", Journal of Classification
/// 2, 1985). 1: the same but for names; about 0: no more than chance; it can be negative. Throws InputError for
/// labelings of different lengths, or of nothing.
[[nodiscard]] double adjusted_rand(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b);

}  // namespace clv
