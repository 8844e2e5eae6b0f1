#pragma once
// What generated worlds share.

#include <cstdint>

namespace clv {

inline constexpr std::int64_t most_generated_customers = 100'000'000;

/// In (0, 1).
[[nodiscard]] inline double uniform_draw(std::uint32_t word) {
    return (static_cast<double>(word) + 0.5) * 0x1p-32;
}

}  // namespace clv
