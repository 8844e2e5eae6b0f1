#pragma once
// Philox4x32-10, a counter-based generator: a draw is a pure function of its address.
//
//   Algorithm   Ten rounds on a counter of four words, with a key of two:
//     1. (h0, l0) = c0 M0 and (h1, l1) = c2 M1, products of 64 bits in halves
//     2. c0 = h1 ^ c1 ^ k0, c1 = l1, c2 = h0 ^ c3 ^ k1, c3 = l0
//     3. k0 += W0, k1 += W1
//   The four words that are left behave as uniform numbers that are independent of those of every other counter.
//
//   Citation    Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, which has the
//   constants M and W. tests/random holds the answers that its authors publish against ours.
//
// Word types may be single numbers, or SIMD lanes that offer the same operators and `multiply_high_low`.

#include <cstdint>

#include "clv/core/host_device.hpp"

namespace clv {

template <class Word>
struct PhiloxBlock {
    Word word[4];
};

/// What a draw is for. Part of its address, so that a new purpose never shifts another's numbers.
enum class Purpose : std::uint32_t {
    churn = 0,               ///< words 0 and 1: churn and acceptance of one customer and path
    revenue = 1,             ///< index k: noise of four months of one customer and path
    market = 2,              ///< index k: four months of the market factor of one path
    shared_effect = 3,       ///< an action's uncertain effect, common to all customers of a path
    customer_effect = 4,     ///< an action's uncertain effect on one customer and path
    world = 5,               ///< synthetic customers
    scramble = 6,            ///< seeds that scramble the points of one customer and replicate
    retail = 7,              ///< alive, acceptance, dropout and what small shapes need, of one customer and path
    retail_gamma = 8,        ///< index g 4096 + k: attempts at gamma draw g of one customer and path
    purchase = 9,            ///< index k: gap before purchase k and first attempt at its spend
    spend = 10,              ///< index 16 k + j: further attempts at the spend of purchase k
    calendar = 11,           ///< index w: week w of the shared calendar of one path
    retail_parameters = 12,  ///< which draw of the fitted parameters a path uses
    parameters = 13,         ///< index k: a draw of fitted parameters
    holdout = 14,            ///< where the PIT of one customer is drawn
    resample = 15,           ///< index k: customers of bootstrap sample k
    hazard_draw = 16,        ///< which draw of the fitted hazards a path lives with
    clusters = 17,           ///< index r: restart r of k-means; the last index: its samples of rows
    drift = 18,              ///< index 0: samples put together and parted anew; index 1: exceedances drawn anew
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

template <class Word>
CLV_HD PhiloxBlock<Word> philox_round(const PhiloxBlock<Word>& block, std::uint32_t k0, std::uint32_t k1) {
    Word high_0;
    Word low_0;
    Word high_1;
    Word low_1;
    multiply_high_low(block.word[0], Word(philox_multiplier_0), high_0, low_0);
    multiply_high_low(block.word[2], Word(philox_multiplier_1), high_1, low_1);
    return {{high_1 ^ block.word[1] ^ Word(k0), low_1, high_0 ^ block.word[3] ^ Word(k1), low_0}};
}

/// All rounds on counter {c0, c1, c2, c3} with key {k0, k1}.
template <class Word>
CLV_HD PhiloxBlock<Word> philox(Word c0, Word c1, Word c2, Word c3, std::uint32_t k0, std::uint32_t k1) {
    PhiloxBlock<Word> block{{c0, c1, c2, c3}};
    CLV_UNROLL
    for (int round = 1; round <= 10; ++round) {
        block = philox_round(block, k0, k1);
        k0 += philox_weyl_0;
        k1 += philox_weyl_1;
    }
    return block;
}

/// Keys of all rounds, made once for many counters.
struct PhiloxKey {
    std::uint32_t round[10][2];
};

CLV_HD PhiloxKey philox_key(std::uint32_t low, std::uint32_t high) {
    PhiloxKey key;
    for (std::uint32_t round = 0; round < 10; ++round) {
        key.round[round][0] = low + round * philox_weyl_0;
        key.round[round][1] = high + round * philox_weyl_1;
    }
    return key;
}

/// The state of Philox in its first three rounds on counters {c0, path, c2, c3} that differ only in the path: four of
/// six products are the same for all of them.
struct alignas(8) PhiloxShared {
    std::uint32_t mask_1;       ///< after round 1: word 0 is path ^ mask_1
    std::uint32_t mask_2;       ///< after round 2: word 2 is high(word 0 x multiplier 0) ^ mask_2, word 3 the low half
    std::uint32_t mask_3_zero;  ///< after round 3: word 0 is high(word 2 x multiplier 1) ^ mask_3_zero, word 1 the low
    std::uint32_t mask_3_two;   ///< word 2 is word 3 ^ mask_3_two
    std::uint32_t word_3;       ///< word 3 after round 3
};

CLV_HD PhiloxShared philox_shared(std::uint32_t c0, std::uint32_t c2, std::uint32_t c3, const PhiloxKey& key) {
    std::uint32_t high_0;
    std::uint32_t low_0;
    std::uint32_t high_1;
    std::uint32_t low_1;
    PhiloxShared shared;
    multiply_high_low(c0, philox_multiplier_0, high_0, low_0);
    multiply_high_low(c2, philox_multiplier_1, high_1, low_1);
    shared.mask_1 = high_1 ^ key.round[0][0];
    const std::uint32_t word_1 = low_1;
    const std::uint32_t word_2 = high_0 ^ c3 ^ key.round[0][1];
    shared.mask_2 = low_0 ^ key.round[1][1];
    multiply_high_low(word_2, philox_multiplier_1, high_1, low_1);
    const std::uint32_t word_0 = high_1 ^ word_1 ^ key.round[1][0];
    shared.mask_3_zero = low_1 ^ key.round[2][0];
    multiply_high_low(word_0, philox_multiplier_0, high_0, shared.word_3);
    shared.mask_3_two = high_0 ^ key.round[2][1];
    return shared;
}

/// Philox of paths, some rounds at a time, so that other work can stand between them: each round waits for the one
/// before, and a processor that looks only so far ahead has nothing else to do if they all come at once.
template <class Word>
class PhiloxSteps {
  public:
    /// Takes the first three rounds.
    CLV_HD void begin(const PhiloxShared& shared, Word path) {
        Word high;
        Word word_3;
        multiply_high_low(path ^ Word(shared.mask_1), Word(philox_multiplier_0), high, word_3);
        const Word word_2 = high ^ Word(shared.mask_2);
        multiply_high_low(word_2, Word(philox_multiplier_1), high, block_.word[1]);
        block_.word[0] = high ^ Word(shared.mask_3_zero);
        block_.word[2] = word_3 ^ Word(shared.mask_3_two);
        block_.word[3] = Word(shared.word_3);
    }
    /// Takes rounds `first`..`last`; rounds 4 to 10 have to be taken in all.
    CLV_HD void run(const PhiloxKey& key, int first, int last) {
        CLV_UNROLL
        for (int round = first; round <= last; ++round) {
            block_ = philox_round(block_, key.round[round - 1][0], key.round[round - 1][1]);
        }
    }
    [[nodiscard]] CLV_HD PhiloxBlock<Word> words() const { return block_; }

  private:
    PhiloxBlock<Word> block_;
};

/// Philox of the counter {c0, path, c2, c3}.
template <class Word>
CLV_HD PhiloxBlock<Word> philox_paths(std::uint32_t c0, Word path, std::uint32_t c2, std::uint32_t c3,
                                      const PhiloxKey& key) {
    PhiloxSteps<Word> steps;
    steps.begin(philox_shared(c0, c2, c3, key), path);
    steps.run(key, 4, 10);
    return steps.words();
}

}  // namespace clv
