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
    scramble = 6,         ///< seeds that scramble the points of one customer and replicate
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

inline constexpr std::uint32_t philox_multiplier_0 = 0xD2511F53U;
inline constexpr std::uint32_t philox_multiplier_1 = 0xCD9E8D57U;
inline constexpr std::uint32_t philox_weyl_0 = 0x9E3779B9U;
inline constexpr std::uint32_t philox_weyl_1 = 0xBB67AE85U;

/// Rounds `first`..10 on counter {c0, c1, c2, c3} with the key {k0, k1} of round `first`.
template <class Word>
CLV_HD PhiloxBlock<Word> philox(Word c0, Word c1, Word c2, Word c3, std::uint32_t k0, std::uint32_t k1, int first = 1) {
#if defined(__CUDA_ARCH__)
#pragma unroll
#endif
    for (int round = first; round <= 10; ++round) {
        Word high_0;
        Word low_0;
        Word high_1;
        Word low_1;
        multiply_high_low(c0, Word(philox_multiplier_0), high_0, low_0);
        multiply_high_low(c2, Word(philox_multiplier_1), high_1, low_1);
        c0 = high_1 ^ c1 ^ Word(k0);
        c1 = low_1;
        c2 = high_0 ^ c3 ^ Word(k1);
        c3 = low_0;
        k0 += philox_weyl_0;
        k1 += philox_weyl_1;
    }
    return {{c0, c1, c2, c3}};
}

/// The state of philox(c0, c1, c2, c3, k0, k1) in its first three rounds where every lane shares c0, c2 and c3: four of
/// its six products are the same in all lanes.
struct PhiloxShared {
    std::uint32_t mask_1;       ///< after round 1: word 0 is c1 ^ mask_1
    std::uint32_t mask_2;       ///< after round 2: word 2 is high(word 0 x multiplier 0) ^ mask_2, word 3 the low half
    std::uint32_t mask_3_zero;  ///< after round 3: word 0 is high(word 2 x multiplier 1) ^ mask_3_zero, word 1 the low
    std::uint32_t mask_3_two;   ///< word 2 is word 3 ^ mask_3_two
    std::uint32_t word_3;       ///< word 3 after round 3
    std::uint32_t key_0;        ///< of round 4
    std::uint32_t key_1;
};

CLV_HD PhiloxShared philox_shared(std::uint32_t c0, std::uint32_t c2, std::uint32_t c3, std::uint32_t k0,
                                  std::uint32_t k1) {
    std::uint32_t high_0;
    std::uint32_t low_0;
    std::uint32_t high_1;
    std::uint32_t low_1;
    PhiloxShared shared;
    multiply_high_low(c0, philox_multiplier_0, high_0, low_0);
    multiply_high_low(c2, philox_multiplier_1, high_1, low_1);
    shared.mask_1 = high_1 ^ k0;
    const std::uint32_t word_1 = low_1;
    const std::uint32_t word_2 = high_0 ^ c3 ^ k1;
    k0 += philox_weyl_0;
    k1 += philox_weyl_1;
    shared.mask_2 = low_0 ^ k1;
    multiply_high_low(word_2, philox_multiplier_1, high_1, low_1);
    const std::uint32_t word_0 = high_1 ^ word_1 ^ k0;
    k0 += philox_weyl_0;
    k1 += philox_weyl_1;
    shared.mask_3_zero = low_1 ^ k0;
    multiply_high_low(word_0, philox_multiplier_0, high_0, shared.word_3);
    shared.mask_3_two = high_0 ^ k1;
    shared.key_0 = k0 + philox_weyl_0;
    shared.key_1 = k1 + philox_weyl_1;
    return shared;
}

/// philox(c0, c1, c2, c3, k0, k1) where only c1 differs between lanes.
template <class Word>
CLV_HD PhiloxBlock<Word> philox_paths(std::uint32_t c0, Word c1, std::uint32_t c2, std::uint32_t c3, std::uint32_t k0,
                                      std::uint32_t k1) {
    const PhiloxShared shared = philox_shared(c0, c2, c3, k0, k1);
    Word high;
    Word word_3;
    multiply_high_low(c1 ^ Word(shared.mask_1), Word(philox_multiplier_0), high, word_3);
    const Word word_2 = high ^ Word(shared.mask_2);
    Word word_1;
    multiply_high_low(word_2, Word(philox_multiplier_1), high, word_1);
    return philox<Word>(high ^ Word(shared.mask_3_zero), word_1, word_3 ^ Word(shared.mask_3_two), Word(shared.word_3),
                        shared.key_0, shared.key_1, 4);
}

}  // namespace clv
