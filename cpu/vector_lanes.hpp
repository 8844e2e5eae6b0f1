#pragma once
// The operations of clv/random/lane.hpp on vectors, by Highway. Included only by files compiled for one instruction set
// with fused multiply-add, before the law: everything here lives in that set's namespace, so that two of them can share
// a program.

#include <hwy/highway.h>

#include <cstdint>

#include "clv/core/host_device.hpp"
#include "clv/random/lane.hpp"
#include "clv/random/philox.hpp"

#if HWY_TARGET != HWY_AVX2 && HWY_TARGET != HWY_AVX3 && HWY_TARGET != HWY_NEON
#error "vector lanes need fused multiply-add: compile for AVX2, AVX-512 or NEON"
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
    CLV_HD Word() : v(hn::Zero(WordTag())) {}
    CLV_HD explicit Word(std::uint32_t x) : v(hn::Set(WordTag(), x)) {}
    CLV_HD explicit Word(hn::Vec<WordTag> x) : v(x) {}
    CLV_HD friend Word operator+(Word a, Word b) { return Word(hn::Add(a.v, b.v)); }
    CLV_HD friend Word operator-(Word a, Word b) { return Word(hn::Sub(a.v, b.v)); }
    CLV_HD friend Word operator&(Word a, Word b) { return Word(hn::And(a.v, b.v)); }
    CLV_HD friend Word operator^(Word a, Word b) { return Word(hn::Xor(a.v, b.v)); }
    CLV_HD friend Word operator~(Word a) { return Word(hn::Not(a.v)); }
    CLV_HD friend Word operator<<(Word a, int bits) { return Word(hn::ShiftLeftSame(a.v, bits)); }
    CLV_HD friend Word operator>>(Word a, int bits) { return Word(hn::ShiftRightSame(a.v, bits)); }
    CLV_HD friend Mask operator!=(Word a, Word b) { return Mask(hn::RebindMask(RealTag(), hn::Ne(a.v, b.v))); }
};

struct Integer {
    hn::Vec<IntegerTag> v;
    CLV_HD Integer() : v(hn::Zero(IntegerTag())) {}
    CLV_HD explicit Integer(std::int32_t x) : v(hn::Set(IntegerTag(), x)) {}
    CLV_HD explicit Integer(hn::Vec<IntegerTag> x) : v(x) {}
    CLV_HD friend Integer operator+(Integer a, Integer b) { return Integer(hn::Add(a.v, b.v)); }
};

struct Real {
    hn::Vec<RealTag> v;
    CLV_HD Real() : v(hn::Zero(RealTag())) {}
    CLV_HD explicit Real(float x) : v(hn::Set(RealTag(), x)) {}
    CLV_HD explicit Real(hn::Vec<RealTag> x) : v(x) {}
    CLV_HD friend Real operator+(Real a, Real b) { return Real(hn::Add(a.v, b.v)); }
    CLV_HD friend Real operator-(Real a, Real b) { return Real(hn::Sub(a.v, b.v)); }
    CLV_HD friend Real operator*(Real a, Real b) { return Real(hn::Mul(a.v, b.v)); }
    CLV_HD friend Real operator/(Real a, Real b) { return Real(hn::Div(a.v, b.v)); }
    CLV_HD friend Mask operator<(Real a, Real b) { return Mask(hn::Lt(a.v, b.v)); }
    CLV_HD friend Mask operator==(Real a, Real b) { return Mask(hn::Eq(a.v, b.v)); }
};

CLV_HD Real fused(Real a, Real b, Real c) {
    return Real(hn::MulAdd(a.v, b.v, c.v));
}
CLV_HD Real square_root(Real x) {
    return Real(hn::Sqrt(x.v));
}
CLV_HD Real select(Mask m, Real yes, Real no) {
    return Real(hn::IfThenElse(m.m, yes.v, no.v));
}
CLV_HD bool any(Mask m) {
    return !hn::AllFalse(RealTag(), m.m);
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

/// Counters and keys of Philox with the even and the odd lanes apart, each in the low half of 64 bits: a 32 x 32 bit
/// multiplication reads just that half, so products need no shuffles and what is left in the high halves is harmless.
struct PhiloxHalf {
    hn::Vec<WideTag> c0, c1, c2, c3;

    CLV_HD void run(std::uint32_t k0, std::uint32_t k1) {
        const WideTag wide;
        const auto multiplier_0 = hn::Set(wide, std::uint64_t{0xD2511F53U});
        const auto multiplier_1 = hn::Set(wide, std::uint64_t{0xCD9E8D57U});
        CLV_UNROLL
        for (int round = 0; round < 10; ++round) {
            const auto product_0 = multiply(c0, multiplier_0);
            const auto product_1 = multiply(c2, multiplier_1);
            c0 = hn::Xor3(hn::ShiftRight<32>(product_1), c1, hn::Set(wide, std::uint64_t{k0}));
            c2 = hn::Xor3(hn::ShiftRight<32>(product_0), c3, hn::Set(wide, std::uint64_t{k1}));
            c1 = product_1;
            c3 = product_0;
            k0 += 0x9E3779B9U;
            k1 += 0xBB67AE85U;
        }
    }

  private:
    static CLV_HD hn::Vec<WideTag> multiply(hn::Vec<WideTag> a, hn::Vec<WideTag> b) {
        return hn::MulEven(hn::BitCast(WordTag(), a), hn::BitCast(WordTag(), b));
    }
};

CLV_HD Word together(hn::Vec<WideTag> even, hn::Vec<WideTag> odd) {
    const WordTag words;
    return Word(hn::OddEven(hn::BitCast(words, hn::ShiftLeft<32>(odd)), hn::BitCast(words, even)));
}

CLV_HD PhiloxBlock<Word> philox_vectors(Word c0, Word c1, Word c2, Word c3, std::uint32_t k0, std::uint32_t k1) {
    const WideTag wide;
    const auto even = [&](Word x) { return hn::BitCast(wide, x.v); };
    const auto odd = [&](Word x) { return hn::ShiftRight<32>(hn::BitCast(wide, x.v)); };
    PhiloxHalf evens{even(c0), even(c1), even(c2), even(c3)};
    PhiloxHalf odds{odd(c0), odd(c1), odd(c2), odd(c3)};
    evens.run(k0, k1);
    odds.run(k0, k1);
    return {{together(evens.c0, odds.c0), together(evens.c1, odds.c1), together(evens.c2, odds.c2),
             together(evens.c3, odds.c3)}};
}

}  // namespace HWY_NAMESPACE

// The law names these through lane::, so the vector forms must stand beside the scalar ones before the law is read.
using HWY_NAMESPACE::any;
using HWY_NAMESPACE::bits_of;
using HWY_NAMESPACE::count_if;
using HWY_NAMESPACE::counting_from;
using HWY_NAMESPACE::fused;
using HWY_NAMESPACE::load;
using HWY_NAMESPACE::lookup;
using HWY_NAMESPACE::maximum;
using HWY_NAMESPACE::minimum;
using HWY_NAMESPACE::real_of;
using HWY_NAMESPACE::select;
using HWY_NAMESPACE::signed_to_real;
using HWY_NAMESPACE::square_root;
using HWY_NAMESPACE::store;
using HWY_NAMESPACE::to_real;

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

}  // namespace clv
