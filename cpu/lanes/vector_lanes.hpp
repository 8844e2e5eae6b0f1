#pragma once
// The operations of clv/random/lane.hpp on vectors, by Highway. Included only by files compiled for one instruction
// set, before the law: everything here lives in that set's namespace, so that two of them can share a program.

#include <hwy/highway.h>

#include <cstdint>

#include "clv/core/host_device.hpp"
#include "clv/random/lane.hpp"
#include "clv/random/philox.hpp"

#if HWY_TARGET != HWY_SSE4 && HWY_TARGET != HWY_AVX2 && HWY_TARGET != HWY_AVX3 && HWY_TARGET != HWY_NEON
#error "compile vector lanes for SSE4, AVX2, AVX-512 or NEON"
#endif

namespace clv::lane {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using RealTag = hn::ScalableTag<float>;
using WordTag = hn::ScalableTag<std::uint32_t>;
using IntegerTag = hn::ScalableTag<std::int32_t>;
using WideTag = hn::ScalableTag<std::uint64_t>;

struct Mask {
    hn::Mask<RealTag> m;
    CLV_HD explicit Mask(hn::Mask<RealTag> mask) : m(mask) {}
};

struct Word {
    hn::Vec<WordTag> v;
    Word() = default;
    CLV_HD explicit Word(std::uint32_t x) : v(hn::Set(WordTag(), x)) {}
    CLV_HD explicit Word(hn::Vec<WordTag> x) : v(x) {}
    CLV_HD friend Word operator+(Word a, Word b) { return Word(hn::Add(a.v, b.v)); }
    CLV_HD friend Word operator-(Word a, Word b) { return Word(hn::Sub(a.v, b.v)); }
    CLV_HD friend Word operator*(Word a, Word b) { return Word(hn::Mul(a.v, b.v)); }
    CLV_HD friend Word operator&(Word a, Word b) { return Word(hn::And(a.v, b.v)); }
    CLV_HD friend Word operator|(Word a, Word b) { return Word(hn::Or(a.v, b.v)); }
    CLV_HD friend Word operator^(Word a, Word b) { return Word(hn::Xor(a.v, b.v)); }
    CLV_HD friend Word operator~(Word a) { return Word(hn::Not(a.v)); }
    CLV_HD friend Word operator<<(Word a, int bits) { return Word(hn::ShiftLeftSame(a.v, bits)); }
    CLV_HD friend Word operator>>(Word a, int bits) { return Word(hn::ShiftRightSame(a.v, bits)); }
    CLV_HD friend Mask operator!=(Word a, Word b) { return Mask(hn::RebindMask(RealTag(), hn::Ne(a.v, b.v))); }
};

struct Integer {
    hn::Vec<IntegerTag> v;
    Integer() = default;
    CLV_HD explicit Integer(std::int32_t x) : v(hn::Set(IntegerTag(), x)) {}
    CLV_HD explicit Integer(hn::Vec<IntegerTag> x) : v(x) {}
    CLV_HD friend Integer operator+(Integer a, Integer b) { return Integer(hn::Add(a.v, b.v)); }
    CLV_HD friend Integer operator*(Integer a, Integer b) { return Integer(hn::Mul(a.v, b.v)); }
    CLV_HD friend Integer operator-(Integer a, Integer b) { return Integer(hn::Sub(a.v, b.v)); }
    CLV_HD friend Mask operator!=(Integer a, Integer b) { return Mask(hn::RebindMask(RealTag(), hn::Ne(a.v, b.v))); }
    CLV_HD friend Mask operator<(Integer a, Integer b) { return Mask(hn::RebindMask(RealTag(), hn::Lt(a.v, b.v))); }
};

struct Real {
    hn::Vec<RealTag> v;
    Real() = default;
    CLV_HD explicit Real(float x) : v(hn::Set(RealTag(), x)) {}
    CLV_HD explicit Real(hn::Vec<RealTag> x) : v(x) {}
    CLV_HD friend Real operator+(Real a, Real b) { return Real(hn::Add(a.v, b.v)); }
    CLV_HD friend Real operator-(Real a, Real b) { return Real(hn::Sub(a.v, b.v)); }
    CLV_HD friend Real operator*(Real a, Real b) { return Real(hn::Mul(a.v, b.v)); }
    CLV_HD friend Real operator/(Real a, Real b) { return Real(hn::Div(a.v, b.v)); }
    CLV_HD friend Mask operator<(Real a, Real b) { return Mask(hn::Lt(a.v, b.v)); }
    CLV_HD friend Mask operator==(Real a, Real b) { return Mask(hn::Eq(a.v, b.v)); }
};

#if HWY_TARGET == HWY_SSE4
/// a b + c rounded once, of the floats in the lower half, without an instruction for it: in double the product is exact
/// and the sum is rounded to odd, which a second rounding to float cannot tell from the exact sum.
CLV_HD __m128 fused_low(__m128 a, __m128 b, __m128 c) {
    const __m128d product = _mm_mul_pd(_mm_cvtps_pd(a), _mm_cvtps_pd(b));
    const __m128d addend = _mm_cvtps_pd(c);
    const __m128d sum = _mm_add_pd(product, addend);
    const __m128d part = _mm_sub_pd(sum, product);
    const __m128d error = _mm_add_pd(_mm_sub_pd(product, _mm_sub_pd(sum, part)), _mm_sub_pd(addend, part));
    const __m128d inexact = _mm_and_pd(_mm_cmpneq_pd(error, _mm_setzero_pd()), _mm_cmpord_pd(error, error));
    // an even sum moves to its odd neighbour on the side of the error
    const __m128i bits = _mm_castpd_si128(sum);
    const __m128i even = _mm_andnot_si128(bits, _mm_set1_epi64x(1));
    const __m128i step = _mm_and_si128(even, _mm_castpd_si128(inexact));
    const __m128i towards_zero = _mm_srli_epi64(_mm_xor_si128(bits, _mm_castpd_si128(error)), 63);
    const __m128i sign = _mm_sub_epi64(_mm_setzero_si128(), towards_zero);
    const __m128i odd = _mm_add_epi64(bits, _mm_sub_epi64(_mm_xor_si128(step, sign), sign));
    return _mm_cvtpd_ps(_mm_castsi128_pd(odd));
}
CLV_HD Real fused(Real a, Real b, Real c) {
    const auto high = [](Real x) { return _mm_movehl_ps(x.v.raw, x.v.raw); };
    return Real(
        hn::Vec<RealTag>{_mm_movelh_ps(fused_low(a.v.raw, b.v.raw, c.v.raw), fused_low(high(a), high(b), high(c)))});
}
#else
CLV_HD Real fused(Real a, Real b, Real c) {
    return Real(hn::MulAdd(a.v, b.v, c.v));
}
#endif
CLV_HD Real square_root(Real x) {
    return Real(hn::Sqrt(x.v));
}
CLV_HD Real select(Mask m, Real yes, Real no) {
    return Real(hn::IfThenElse(m.m, yes.v, no.v));
}
CLV_HD bool any(Mask m) {
    return !hn::AllFalse(RealTag(), m.m);
}
CLV_HD Integer select(Mask m, Integer yes, Integer no) {
    return Integer(hn::IfThenElse(hn::RebindMask(IntegerTag(), m.m), yes.v, no.v));
}
CLV_HD Integer count_if(Mask m, Integer count) {
    const auto one = hn::IfThenElseZero(hn::RebindMask(IntegerTag(), m.m), hn::Set(IntegerTag(), 1));
    return Integer(hn::Add(count.v, one));
}
CLV_HD Real minimum(Real a, Real b) {
    return Real(hn::Min(a.v, b.v));
}
CLV_HD Real maximum(Real a, Real b) {
    return Real(hn::Max(a.v, b.v));
}
CLV_HD Integer minimum(Integer a, Integer b) {
    return Integer(hn::Min(a.v, b.v));
}
CLV_HD Integer maximum(Integer a, Integer b) {
    return Integer(hn::Max(a.v, b.v));
}
CLV_HD std::int32_t largest(Integer x) {
    const IntegerTag integers;
    return hn::GetLane(hn::MaxOfLanes(integers, x.v));
}
CLV_HD Real clamp_magnitude(Real x, Real limit) {
#if HWY_TARGET == HWY_AVX3
    constexpr int smaller_magnitude_sign_of_first = 0b0010;
    return Real(hn::Vec<RealTag>{_mm512_range_ps(x.v.raw, limit.v.raw, smaller_magnitude_sign_of_first)});
#else
    return Real(hn::Max(hn::Min(x.v, limit.v), hn::Neg(limit.v)));
#endif
}
CLV_HD Word or_and(Word base, Word a, Word b) {
    return Word(hn::OrAnd(base.v, a.v, b.v));
}
CLV_HD Mask has_bit(Word x, int bit) {
    const WordTag words;
    return Mask(hn::RebindMask(RealTag(), hn::TestBit(x.v, hn::Set(words, std::uint32_t{1} << bit))));
}
CLV_HD Word shift_right_signed(Word x, int bits) {
    const IntegerTag integers;
    return Word(hn::BitCast(WordTag(), hn::ShiftRightSame(hn::BitCast(integers, x.v), bits)));
}

#if HWY_TARGET == HWY_AVX3
/// count_below for a table of so many blocks of 16 entries, which stand in registers.
template <int arguments, int blocks>
CLV_HD void count_below_blocks(const float* table, bool is_full, const Real* x, Integer* below) {
    __m512i at[arguments];
    __mmask16 high[arguments];
    CLV_UNROLL
    for (int i = 0; i < arguments; ++i) {
        at[i] = _mm512_setzero_si512();
    }
    CLV_UNROLL
    for (int block = 1; block < blocks; ++block) {
        const __m512 last = _mm512_set1_ps(table[16 * block - 1]);
        CLV_UNROLL
        for (int i = 0; i < arguments; ++i) {
            high[i] = _mm512_cmp_ps_mask(last, x[i].v.raw, _CMP_LT_OQ);
            at[i] = _mm512_mask_add_epi32(at[i], high[i], at[i], _mm512_set1_epi32(16));
        }
    }
    if constexpr (blocks == 4) {  // of three blocks, the last comparison has said it
        CLV_UNROLL
        for (int i = 0; i < arguments; ++i) {
            high[i] = _mm512_cmpge_epi32_mask(at[i], _mm512_set1_epi32(32));
        }
    }
    const __m512 first = _mm512_loadu_ps(table);
    const __m512 second = _mm512_loadu_ps(table + 16);
    const __m512 third = _mm512_loadu_ps(table + (blocks > 2 ? 32 : 0));
    const __m512 fourth = _mm512_loadu_ps(table + (blocks > 3 ? 48 : 0));
    const auto take_step = [&](int step, int i) __attribute__((always_inline)) {
        const __m512i next = _mm512_add_epi32(at[i], _mm512_set1_epi32(step - 1));
        __m512 entry = _mm512_permutex2var_ps(first, next, second);
        if constexpr (blocks == 3) {
            entry = _mm512_mask_permutexvar_ps(entry, high[i], next, third);
        } else if constexpr (blocks == 4) {
            entry = _mm512_mask_blend_ps(high[i], entry, _mm512_permutex2var_ps(third, next, fourth));
        }
        const __mmask16 passed = _mm512_cmp_ps_mask(entry, x[i].v.raw, _CMP_LT_OQ);
        at[i] = _mm512_mask_add_epi32(at[i], passed, at[i], _mm512_set1_epi32(step));
    };
    CLV_UNROLL
    for (int bit = 3; bit >= 0; --bit) {
        CLV_UNROLL
        for (int i = 0; i < arguments; ++i) {
            take_step(1 << bit, i);
        }
    }
    if (is_full) {  // the last entry may be below as well
        CLV_UNROLL
        for (int i = 0; i < arguments; ++i) {
            take_step(1, i);
        }
    }
    CLV_UNROLL
    for (int i = 0; i < arguments; ++i) {
        below[i] = Integer(hn::Vec<IntegerTag>{at[i]});
    }
}

/// A few arguments at a time: each needs a mask of its own, and there are seven.
template <int arguments, int blocks>
CLV_HD void count_below_in_groups(const float* table, bool is_full, const Real* x, Integer* below) {
    constexpr int group = arguments < 3 ? arguments : 3;
    count_below_blocks<group, blocks>(table, is_full, x, below);
    if constexpr (arguments > group) {
        count_below_in_groups<arguments - group, blocks>(table, is_full, x + group, below + group);
    }
}
#endif

/// As for one lane, with the table in registers where the processor can look values up in them. All arguments take each
/// step together, since each waits for its own step before.
template <int arguments>
CLV_HD void count_below(const float* table, int count, const Real* x, Integer* below) {
    const IntegerTag integers;
    const RealTag reals;
#if HWY_TARGET == HWY_AVX3
    const bool is_full = count % 16 == 0;
    if (count > 16 && count <= 32) {
        return count_below_in_groups<arguments, 2>(table, is_full, x, below);
    }
    if (count > 32 && count <= 48) {
        return count_below_in_groups<arguments, 3>(table, is_full, x, below);
    }
    if (count > 48 && count <= 64) {
        return count_below_in_groups<arguments, 4>(table, is_full, x, below);
    }
#endif
    const auto one = hn::Set(integers, 1);
    CLV_UNROLL
    for (int i = 0; i < arguments; ++i) {
        below[i] = Integer(0);
    }
    for (int entry = 0; entry < count; ++entry) {
        const auto value = hn::Set(reals, table[entry]);
        CLV_UNROLL
        for (int i = 0; i < arguments; ++i) {
            const auto passed = hn::RebindMask(integers, hn::Lt(value, x[i].v));
            below[i] = Integer(hn::Add(below[i].v, hn::IfThenElseZero(passed, one)));
        }
    }
}

/// The first bit last and the last first: bytes change places, then every half of a byte is looked up.
CLV_HD Word reverse_bits(Word x) {
    const hn::Repartition<std::uint8_t, WordTag> bytes;
    alignas(16) static constexpr std::uint8_t places[16] = {3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12};
    alignas(16) static constexpr std::uint8_t low[16] = {0x00, 0x80, 0x40, 0xc0, 0x20, 0xa0, 0x60, 0xe0,
                                                         0x10, 0x90, 0x50, 0xd0, 0x30, 0xb0, 0x70, 0xf0};
    alignas(16) static constexpr std::uint8_t high[16] = {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15};
    const auto half = hn::Set(WordTag(), 0x0f0f0f0fU);
    const auto swapped = hn::TableLookupBytes(hn::BitCast(bytes, x.v), hn::LoadDup128(bytes, places));
    const auto swapped_words = hn::BitCast(WordTag(), swapped);
    const auto low_index = hn::BitCast(bytes, hn::And(swapped_words, half));
    const auto high_index = hn::BitCast(bytes, hn::And(hn::ShiftRight<4>(swapped_words), half));
    const auto reversed = hn::Or(hn::TableLookupBytes(hn::LoadDup128(bytes, low), low_index),
                                 hn::TableLookupBytes(hn::LoadDup128(bytes, high), high_index));
    return Word(hn::BitCast(WordTag(), reversed));
}

/// Nearest float to an unsigned integer: both halves convert exactly, and the one addition rounds.
CLV_HD Real to_real(Word x) {
#if HWY_TARGET == HWY_AVX3
    return Real(hn::Vec<RealTag>{_mm512_cvtepu32_ps(x.v.raw)});
#else
    const IntegerTag integers;
    const RealTag reals;
    const auto high = hn::ConvertTo(reals, hn::BitCast(integers, hn::ShiftRight<16>(x.v)));
    const auto low = hn::ConvertTo(reals, hn::BitCast(integers, hn::And(x.v, hn::Set(WordTag(), 0xffffU))));
    return Real(hn::MulAdd(high, hn::Set(reals, 65536.0F), low));
#endif
}
CLV_HD Real signed_to_real(Word x) {
    return Real(hn::ConvertTo(RealTag(), hn::BitCast(IntegerTag(), x.v)));
}
CLV_HD Word bits_of(Real x) {
    return Word(hn::BitCast(WordTag(), x.v));
}
CLV_HD Real real_of(Word x) {
    return Real(hn::BitCast(RealTag(), x.v));
}

CLV_HD Real load(const float* from, Real /*type*/) {
    return Real(hn::LoadU(RealTag(), from));
}
CLV_HD Integer load(const std::int32_t* from, Integer /*type*/) {
    return Integer(hn::LoadU(IntegerTag(), from));
}
CLV_HD Word load(const std::uint32_t* from, Word /*type*/) {
    return Word(hn::LoadU(WordTag(), from));
}
CLV_HD void store(Real x, float* to) {
    hn::StoreU(x.v, RealTag(), to);
}
CLV_HD void store(Integer x, std::int32_t* to) {
    hn::StoreU(x.v, IntegerTag(), to);
}
CLV_HD void store(Word x, std::uint32_t* to) {
    hn::StoreU(x.v, WordTag(), to);
}
CLV_HD Word counting_from(std::uint32_t start, Word /*type*/) {
    return Word(hn::Iota(WordTag(), start));
}

/// table[index], lane by lane.
CLV_HD Real lookup(const Real* table, Integer index) {
    constexpr int lanes = static_cast<int>(hn::MaxLanes(RealTag()));
    const IntegerTag integers;
    const auto flat = hn::Add(hn::Mul(index.v, hn::Set(integers, lanes)), hn::Iota(integers, 0));
    return Real(hn::GatherIndex(RealTag(), reinterpret_cast<const float*>(table), flat));
}

/// table[index] of one table for all lanes.
CLV_HD Real gather(const float* table, Integer index) {
    return Real(hn::GatherIndex(RealTag(), table, index.v));
}

CLV_HD Integer gather(const std::int32_t* table, Integer index) {
    return Integer(hn::GatherIndex(IntegerTag(), table, index.v));
}
CLV_HD Word gather(const std::uint32_t* table, Integer index) {
    return Word(hn::GatherIndex(WordTag(), table, index.v));
}

/// The integer below a number in [0, 2^31).
CLV_HD Integer whole_part(Real x) {
    return Integer(hn::ConvertTo(IntegerTag(), x.v));
}
CLV_HD Real to_real(Integer x) {
    return Real(hn::ConvertTo(RealTag(), x.v));
}
CLV_HD Integer as_integer(Word x) {
    return Integer(hn::BitCast(IntegerTag(), x.v));
}

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

// The law names these through lane::, so the vector forms must stand beside the scalar ones before the law is read.
using HWY_NAMESPACE::any;
using HWY_NAMESPACE::as_integer;
using HWY_NAMESPACE::bits_of;
using HWY_NAMESPACE::clamp_magnitude;
using HWY_NAMESPACE::count_below;
using HWY_NAMESPACE::count_if;
using HWY_NAMESPACE::counting_from;
using HWY_NAMESPACE::fused;
using HWY_NAMESPACE::gather;
using HWY_NAMESPACE::has_bit;
using HWY_NAMESPACE::largest;
using HWY_NAMESPACE::load;
using HWY_NAMESPACE::lookup;
using HWY_NAMESPACE::maximum;
using HWY_NAMESPACE::minimum;
using HWY_NAMESPACE::or_and;
using HWY_NAMESPACE::real_of;
using HWY_NAMESPACE::reverse_bits;
using HWY_NAMESPACE::select;
using HWY_NAMESPACE::shift_right_signed;
using HWY_NAMESPACE::signed_to_real;
using HWY_NAMESPACE::square_root;
using HWY_NAMESPACE::store;
using HWY_NAMESPACE::to_real;
using HWY_NAMESPACE::whole_part;

template <>
struct Types<HWY_NAMESPACE::Real> {
    using Word = HWY_NAMESPACE::Word;
    using Integer = HWY_NAMESPACE::Integer;
    using Mask = HWY_NAMESPACE::Mask;
    static constexpr int lanes = static_cast<int>(HWY_NAMESPACE::hn::MaxLanes(HWY_NAMESPACE::RealTag()));
};

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
