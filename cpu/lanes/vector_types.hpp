#pragma once
// Vectors of an instruction set, by Highway, and the operations of clv/random/lane.hpp on them that are an instruction
// or two. A part of vector_lanes.hpp.

#include <hwy/highway.h>

#include <cstdint>

#include "clv/core/host_device.hpp"

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

}  // namespace HWY_NAMESPACE
}  // namespace clv::lane
