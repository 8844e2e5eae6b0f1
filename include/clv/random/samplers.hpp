#pragma once
// From random words to the draws a path law needs, in float: an exponential, normals, and 2^x. Own minimax
// polynomials (relative error of each below 0.1 of a unit in the last place before rounding; the whole functions are
// checked over all of their arguments in tests/random) and no library function.

#include "clv/random/lane.hpp"
#include "clv/random/philox.hpp"

namespace clv {

/// Exponential draw -ln(1 - u) with u = (word + 1/2) / 2^32: never 0, at most 22.9, and with full relative precision at
/// both ends. The wide end comes from 2^32 - word, the narrow end from the word itself, since 1 - u would round.
template <class Real>
CLV_HD Real exponential_draw(typename lane::Types<Real>::Word word) {
    using lane::fused;
    using Word = typename lane::Types<Real>::Word;
    // 1 - u = 2^k (1 + f) with f in [sqrt(1/2) - 1, sqrt(2) - 1]
    const Real complement = lane::to_real(~word) + Real(0.5F);  // (1 - u) 2^32
    const Word bits = lane::bits_of(complement);
    const Word shifted = bits - Word(0x3f3504f3U);  // exponent steps at sqrt(1/2)
    const Real exponent = lane::signed_to_real((shifted & Word(0xff800000U))) * Real(0x1p-23F) - Real(32.0F);
    const Real mantissa = lane::real_of((shifted & Word(0x007fffffU)) + Word(0x3f3504f3U)) - Real(1.0F);
    const Real narrow = (lane::to_real(word) + Real(0.5F)) * Real(-0x1p-32F);
    const Real f = lane::select(exponent == Real(0.0F), narrow, mantissa);
    Real p = Real(-0.0763443783F);
    p = fused(p, f, Real(0.127615631F));
    p = fused(p, f, Real(-0.131601974F));
    p = fused(p, f, Real(0.142017603F));
    p = fused(p, f, Real(-0.166233554F));
    p = fused(p, f, Real(0.200012267F));
    p = fused(p, f, Real(-0.250008225F));
    p = fused(p, f, Real(0.333333313F));
    const Real square = f * f;
    const Real tail = fused(p * f, square, Real(-0.5F) * square);  // ln(1 + f) - f
    const Real log_mantissa = f + tail;
    return fused(exponent, Real(-0.693147182F), Real(0.0F) - log_mantissa);
}

template <class Real>
struct NormalPair {
    Real first;
    Real second;
};

/// Two independent standard normals from two words (Box and Muller 1958): radius from one, angle from the other.
template <class Real>
CLV_HD NormalPair<Real> normal_pair(typename lane::Types<Real>::Word radius_word,
                                    typename lane::Types<Real>::Word angle_word) {
    using lane::fused;
    using Word = typename lane::Types<Real>::Word;
    const Real radius = lane::square_root(Real(2.0F) * exponential_draw<Real>(radius_word));
    // angle = 2 pi word / 2^32 = quadrant pi/2 + a with a in [-pi/4, pi/4)
    const Word turned = angle_word + Word(0x20000000U);
    const Word quadrant = turned >> 30;
    const Real a = lane::signed_to_real(angle_word - (quadrant << 30)) * Real(1.46291807926715968e-9F);
    const Real z = a * a;
    Real s = Real(-0.00019515281F);
    s = fused(s, z, Real(0.0083321603F));
    s = fused(s, z, Real(-0.166666552F));
    const Real sine = fused(s * z, a, a);
    Real c = Real(2.4433155e-05F);
    c = fused(c, z, Real(-0.00138873165F));
    c = fused(c, z, Real(0.0416666456F));
    const Real cosine = fused(c * z, z, fused(Real(-0.5F), z, Real(1.0F)));
    const auto swapped = (quadrant & Word(1U)) != Word(0U);
    const Word cosine_sign = ((quadrant + Word(1U)) & Word(2U)) << 30;
    const Word sine_sign = (quadrant & Word(2U)) << 30;
    const Real x = lane::real_of(lane::bits_of(lane::select(swapped, sine, cosine)) ^ cosine_sign);
    const Real y = lane::real_of(lane::bits_of(lane::select(swapped, cosine, sine)) ^ sine_sign);
    return {radius * x, radius * y};
}

/// 2^x; x is clamped to [-126, 127], so that the result is a normal number.
template <class Real>
CLV_HD Real exp2(Real x) {
    using lane::fused;
    using Word = typename lane::Types<Real>::Word;
    x = lane::minimum(lane::maximum(x, Real(-126.0F)), Real(127.0F));
    const Real shifter = Real(12582912.0F);  // 1.5 x 2^23: adding it rounds to an integer, kept in the low bits
    const Real shifted = x + shifter;
    const Real f = x - (shifted - shifter);
    Real p = Real(0.000153533605F);
    p = fused(p, f, Real(0.0013398875F));
    p = fused(p, f, Real(0.00961843692F));
    p = fused(p, f, Real(0.0555033237F));
    p = fused(p, f, Real(0.240226477F));
    p = fused(p, f, Real(0.693147182F));
    const Real fraction = fused(p, f, Real(1.0F));
    const Word exponent = lane::bits_of(shifted) << 23;
    return lane::real_of(lane::bits_of(fraction) + exponent);
}

}  // namespace clv
