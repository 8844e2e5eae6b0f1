#pragma once
// From random words to the draws that a path law needs, in float: an exponential, normals, and 2^x. A word w stands for
// the number u = (w + 1/2) / 2^32 in (0, 1), which is never 0 or 1.
//
//   exponential_draw   density e^-x for x > 0, by inversion: x = -ln(1 - u)
//   polar_pair,        density e^(-(x^2 + y^2) / 2) / (2 pi) of two independent standard normals (Box and Muller, "A
//   normal_pair        note on the generation of random normal deviates", Annals of Mathematical Statistics 29, 1958):
//                        1. radius r = sqrt(-2 ln u) from the first word
//                        2. angle t, uniform over the circle, from the second
//                        3. x = r cos t, y = r sin t
//
// Logarithm, sine, cosine and power are minimax polynomials of our own, each about as exact as float itself; no library
// function is called. The errors stated here are the largest over all arguments: bench/polynomial_check.cpp takes every
// one of them, tests/random many.

#include "clv/random/lane.hpp"
#include "clv/random/philox.hpp"

namespace clv {

/// -ln(x) of x = scaled / 2^bits in (0, 1), for scaled >= 1/2 and with near_one = x - 1 at full relative precision,
/// which is what counts where x is nearly 1.
template <class Real>
CLV_HD Real negative_log(Real scaled, float bits, Real near_one) {
    using lane::fused;
    using Word = typename lane::Types<Real>::Word;
    // x = 2^k (1 + f) with f in [sqrt(1/2) - 1, sqrt(2) - 1]
    const Word shifted = lane::bits_of(scaled) - Word(0x3f3504f3U);  // exponent steps at sqrt(1/2)
    const Real exponent = lane::signed_to_real((shifted & Word(0xff800000U))) * Real(0x1p-23F) - Real(bits);
    const Real mantissa = lane::real_of((shifted & Word(0x007fffffU)) + Word(0x3f3504f3U)) - Real(1.0F);
    const Real f = lane::select(exponent == Real(0.0F), near_one, mantissa);
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

/// Exponential draw -ln(1 - u) with u = (word + 1/2) / 2^32: never 0, at most 22.9, and with full relative precision at
/// both ends. The wide end comes from 2^32 - word, the narrow end from the word itself, since 1 - u would round. The
/// error is below 2.46 units in the last place.
template <class Real>
CLV_HD Real exponential_draw(typename lane::Types<Real>::Word word) {
    const Real complement = lane::to_real(~word) + Real(0.5F);  // (1 - u) 2^32
    const Real narrow = (lane::to_real(word) + Real(0.5F)) * Real(-0x1p-32F);
    return negative_log(complement, 32.0F, narrow);
}

template <class Real>
struct NormalPair {
    Real first;
    Real second;
};

/// Two normals as radius x cosine and radius x sine.
template <class Real>
struct PolarPair {
    Real radius;  ///< with a sign
    Real cosine;
    Real sine;
};

/// Two independent standard normals from two words: radius from one, angle from the other. Of the angle 23 bits choose
/// a point of an eighth of the circle on either side of an axis; two bits reflect it. The relative error of the radius
/// is below 2.7e-7 for u rounded to float; that rounding, which counts where u is nearly 1 and the radius nearly 0,
/// makes it an absolute 2.44e-4 at most. A coordinate is then off by less than 1.25e-7 radii.
template <class Real>
CLV_HD PolarPair<Real> polar_pair(typename lane::Types<Real>::Word radius_word,
                                  typename lane::Types<Real>::Word angle_word) {
    using lane::fused;
    using Word = typename lane::Types<Real>::Word;
    // u = (word + 1/2) / 2^32 = 2^k (1 + f) with f in [sqrt(1/2) - 1, sqrt(2) - 1]; radius^2 = -2 ln u
    const Word bits = lane::bits_of(lane::to_real(radius_word) + Real(0.5F));
    const Word shifted = bits - Word(0x4f3504f3U);  // exponent steps at sqrt(1/2), and is 0 at 2^32
    const Real exponent = lane::signed_to_real(lane::shift_right_signed(shifted, 23));
    const Real f = lane::real_of((shifted & Word(0x007fffffU)) + Word(0x3f3504f3U)) - Real(1.0F);
    Real q = Real(0.202135488F);
    q = fused(q, f, Real(-0.324450791F));
    q = fused(q, f, Real(0.345017016F));
    q = fused(q, f, Real(-0.398003429F));
    q = fused(q, f, Real(0.499398172F));
    q = fused(q, f, Real(-0.666701198F));
    q = fused(q, f, Real(1.00000727F));
    q = fused(q, f, Real(-1.99999988F));
    const Real radius = lane::square_root(fused(exponent, Real(-1.38629436F), q * f));
    // cos and sin of pi/4 t with t in [-1, 1)
    const Real t = lane::real_of(lane::or_and(Word(0x40000000U), angle_word, Word(0x007fffffU))) - Real(3.0F);
    const Real z = t * t;
    Real s = Real(-3.5950452e-05F);
    s = fused(s, z, Real(0.00249000103F));
    s = fused(s, z, Real(-0.0807454363F));
    s = fused(s, z, Real(0.785398185F));
    const Real sine = s * t;
    Real cosine = Real(-0.000318727834F);
    cosine = fused(cosine, z, Real(0.0158496834F));
    cosine = fused(cosine, z, Real(-0.308424175F));
    cosine = fused(cosine, z, Real(0.99999994F));
    const Real signed_radius = lane::real_of(lane::or_and(lane::bits_of(radius), angle_word, Word(0x80000000U)));
    const auto swapped = lane::has_bit(angle_word, 30);
    return {signed_radius, lane::select(swapped, sine, cosine), lane::select(swapped, cosine, sine)};
}

/// The two normals of polar_pair, multiplied out.
template <class Real>
CLV_HD NormalPair<Real> normal_pair(typename lane::Types<Real>::Word radius_word,
                                    typename lane::Types<Real>::Word angle_word) {
    const auto polar = polar_pair<Real>(radius_word, angle_word);
    return {polar.radius * polar.cosine, polar.radius * polar.sine};
}

/// 2^x; x is clamped to [-126, 126], so that the result is a normal number. The relative error is below 1.72e-7, and
/// powers of whole numbers are exact.
template <class Real>
CLV_HD Real exp2(Real x) {
    using lane::fused;
    using Word = typename lane::Types<Real>::Word;
    x = lane::clamp_magnitude(x, Real(126.0F));
    const Real shifter = Real(12582912.0F);  // 1.5 x 2^23: adding it rounds to an integer, kept in the low bits
    const Real shifted = x + shifter;
    const Real f = x - (shifted - shifter);
    Real p = Real(0.00132647238F);
    p = fused(p, f, Real(0.00967151299F));
    p = fused(p, f, Real(0.0555073358F));
    p = fused(p, f, Real(0.240222424F));
    p = fused(p, f, Real(0.693147004F));
    const Real fraction = fused(p, f, Real(1.0F));
    const Word exponent = lane::bits_of(shifted) << 23;
    return lane::real_of(lane::bits_of(fraction) + exponent);
}

}  // namespace clv
