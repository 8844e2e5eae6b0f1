#pragma once
// Philox4x32-10, a counter-based generator: a draw is a pure function of its address (Salmon, Moraes, Dror, Shaw,
// "Parallel random numbers: as easy as 1, 2, 3", SC 2011; constants from that paper). Word types may be single
// numbers or SIMD lanes that offer the same operators and `multiply_high_low`.

#include <cstdint>

#include "clv/core/host_device.hpp"

namespace clv {

template <class Word>
struct PhiloxBlock {
    Word word[4];
};

/// What a draw is for. Part of its address, so that a new purpose never shifts another's numbers.
enum class Purpose : std::uint32_t {
    churn = 0,            ///< words 0 and 1: churn and acceptance of one customer and path
    revenue = 1,          ///< index k: noise of four months of one customer and path
    market = 2,           ///< index k: four months of the market factor of one path
    shared_effect = 3,    ///< an action's uncertain effect, common to all customers of a path
    customer_effect = 4,  ///< an action's uncertain effect on one customer and path
    world = 5,            ///< synthetic customers
};

/// First word of a counter: what for, and which block of that purpose (index < 2^24).
CLV_HD constexpr std::uint32_t draw_address(Purpose purpose, std::uint32_t index) {
    return static_cast<std::uint32_t>(purpose) << 24 | index;
}

CLV_HD void multiply_high_low(std::uint32_t a, std::uint32_t b, std::uint32_t& high, std::uint32_t& low) {
    const std::uint64_t product = static_cast<std::uint64_t>(a) * b;
    high = static_cast<std::uint32_t>(product >> 32);
    low = static_cast<std::uint32_t>(product);
}

/// Ten rounds on counter {c0, c1, c2, c3} with key {k0, k1}: 128 random bits.
template <class Word>
CLV_HD PhiloxBlock<Word> philox(Word c0, Word c1, Word c2, Word c3, std::uint32_t k0, std::uint32_t k1) {
    constexpr std::uint32_t multiplier_0 = 0xD2511F53U;
    constexpr std::uint32_t multiplier_1 = 0xCD9E8D57U;
    constexpr std::uint32_t weyl_0 = 0x9E3779B9U;
    constexpr std::uint32_t weyl_1 = 0xBB67AE85U;
#if defined(__CUDA_ARCH__)
#pragma unroll
#endif
    for (int round = 0; round < 10; ++round) {
        Word high_0;
        Word low_0;
        Word high_1;
        Word low_1;
        multiply_high_low(c0, Word(multiplier_0), high_0, low_0);
        multiply_high_low(c2, Word(multiplier_1), high_1, low_1);
        c0 = high_1 ^ c1 ^ Word(k0);
        c1 = low_1;
        c2 = high_0 ^ c3 ^ Word(k1);
        c3 = low_0;
        k0 += weyl_0;
        k1 += weyl_1;
    }
    return {{c0, c1, c2, c3}};
}

}  // namespace clv
