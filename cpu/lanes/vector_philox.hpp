#pragma once
// Philox (clv/random/philox.hpp) on vectors. A part of vector_lanes.hpp.

#include "clv/random/philox.hpp"
#include "vector_types.hpp"

namespace clv::lane {
namespace HWY_NAMESPACE {

/// Words of Philox with the even and the odd lanes apart, each in the low half of 64 bits: a 32 x 32 bit multiplication
/// reads just that half, so products need no shuffles and what is left in the high halves is harmless.
struct PhiloxHalf {
    using Wide = hn::Vec<WideTag>;
    Wide c0, c1, c2, c3;

    CLV_HD void round(std::uint32_t k0, std::uint32_t k1) {
        const Wide product_0 = multiply(c0, philox_multiplier_0);
        const Wide product_1 = multiply(c2, philox_multiplier_1);
        c0 = hn::Xor3(hn::ShiftRight<32>(product_1), c1, set(k0));
        c2 = hn::Xor3(hn::ShiftRight<32>(product_0), c3, set(k1));
        c1 = product_1;
        c3 = product_0;
    }
    CLV_HD void begin(const PhiloxShared& shared, Wide path) {
        const Wide product_0 = multiply(hn::Xor(path, set(shared.mask_1)), philox_multiplier_0);
        const Wide product_1 =
            multiply(hn::Xor(hn::ShiftRight<32>(product_0), set(shared.mask_2)), philox_multiplier_1);
        c0 = hn::Xor(hn::ShiftRight<32>(product_1), set(shared.mask_3_zero));
        c1 = product_1;
        c2 = hn::Xor(product_0, set(shared.mask_3_two));
        c3 = set(shared.word_3);
    }

  private:
    /// In both halves, which memory can do by itself.
    static CLV_HD Wide set(std::uint32_t x) { return hn::BitCast(WideTag(), hn::Set(WordTag(), x)); }
    static CLV_HD Wide multiply(Wide a, std::uint32_t multiplier) {
        return hn::MulEven(hn::BitCast(WordTag(), a), hn::BitCast(WordTag(), set(multiplier)));
    }
};

CLV_HD PhiloxBlock<Word> together(const PhiloxHalf& evens, const PhiloxHalf& odds) {
    const auto merge = [](hn::Vec<WideTag> even, hn::Vec<WideTag> odd) {
#if HWY_TARGET == HWY_AVX3
        return Word(hn::Vec<WordTag>{_mm512_mask_shuffle_epi32(even.raw, 0xaaaa, odd.raw, _MM_PERM_CCAA)});
#else
        const WordTag words;
        return Word(hn::OddEven(hn::DupEven(hn::BitCast(words, odd)), hn::BitCast(words, even)));
#endif
    };
    return {{merge(evens.c0, odds.c0), merge(evens.c1, odds.c1), merge(evens.c2, odds.c2), merge(evens.c3, odds.c3)}};
}

CLV_HD hn::Vec<WideTag> even_lanes(Word x) {
    return hn::BitCast(WideTag(), x.v);
}
CLV_HD hn::Vec<WideTag> odd_lanes(Word x) {
    return hn::ShiftRight<32>(hn::BitCast(WideTag(), x.v));
}

CLV_HD PhiloxBlock<Word> philox_vectors(Word c0, Word c1, Word c2, Word c3, std::uint32_t k0, std::uint32_t k1) {
    PhiloxHalf evens{even_lanes(c0), even_lanes(c1), even_lanes(c2), even_lanes(c3)};
    PhiloxHalf odds{odd_lanes(c0), odd_lanes(c1), odd_lanes(c2), odd_lanes(c3)};
    CLV_UNROLL
    for (int round = 1; round <= 10; ++round) {
        evens.round(k0, k1);
        odds.round(k0, k1);
        k0 += philox_weyl_0;
        k1 += philox_weyl_1;
    }
    return together(evens, odds);
}

}  // namespace HWY_NAMESPACE
}  // namespace clv::lane

namespace clv {

template <>
CLV_HD PhiloxBlock<lane::HWY_NAMESPACE::Word> philox(lane::HWY_NAMESPACE::Word c0, lane::HWY_NAMESPACE::Word c1,
                                                     lane::HWY_NAMESPACE::Word c2, lane::HWY_NAMESPACE::Word c3,
                                                     std::uint32_t k0, std::uint32_t k1) {
    return lane::HWY_NAMESPACE::philox_vectors(c0, c1, c2, c3, k0, k1);
}

template <>
class PhiloxSteps<lane::HWY_NAMESPACE::Word> {
    using Word = lane::HWY_NAMESPACE::Word;

  public:
    CLV_HD void begin(const PhiloxShared& shared, Word path) {
        evens_.begin(shared, lane::HWY_NAMESPACE::even_lanes(path));
        odds_.begin(shared, lane::HWY_NAMESPACE::odd_lanes(path));
    }
    CLV_HD void run(const PhiloxKey& key, int first, int last) {
        CLV_UNROLL
        for (int round = first; round <= last; ++round) {
            evens_.round(key.round[round - 1][0], key.round[round - 1][1]);
            odds_.round(key.round[round - 1][0], key.round[round - 1][1]);
        }
    }
    [[nodiscard]] CLV_HD PhiloxBlock<Word> words() const { return lane::HWY_NAMESPACE::together(evens_, odds_); }

  private:
    lane::HWY_NAMESPACE::PhiloxHalf evens_;
    lane::HWY_NAMESPACE::PhiloxHalf odds_;
};

}  // namespace clv
