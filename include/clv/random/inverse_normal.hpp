#pragma once
// Standard normal quantile of a 32-bit word, in float: what turns a point of a quasi-random sequence into normals.
//
//   Definition   z with Phi(z) = u, where Phi(z) is the integral of e^(-x^2 / 2) / sqrt(2 pi) up to z and
//                u = (word + 1/2) / 2^32.
//
//   Algorithm    With the tail probability p = min(u, 1 - u):
//     1. a = -ln(2 p)
//     2. |z| = a P(y) / Q(y) with y = sqrt(a + 5/8), where P and Q are polynomials of the third degree: a minimax fit
//        of our own with a relative error of 5e-8
//     3. the sign of u - 1/2
//   One logarithm, one square root and one division for all words, no branch and no library function.

#include "clv/random/samplers.hpp"

namespace clv {

/// Quantile of u = (word + 1/2) / 2^32, between -6.34 and 6.34. Complementary words give opposite signs and otherwise
/// the same bits. The error is below 4e-7 max(1, |z|) at every word (bench/polynomial_check.cpp).
template <class Real>
CLV_HD Real inverse_normal(typename lane::Types<Real>::Word word) {
    using lane::fused;
    using Word = typename lane::Types<Real>::Word;
    const Word negative = (word >> 31) ^ Word(1U);
    const Word centre = (word ^ (Word(0U) - negative)) & Word(0x7fffffffU);  // |u - 1/2| = (centre + 1/2) / 2^32
    const Real tail = lane::to_real(centre ^ Word(0x7fffffffU)) + Real(0.5F);
    const Real near_one = (lane::to_real(centre) + Real(0.5F)) * Real(-0x1p-31F);
    // z / a is smooth in sqrt(a + 5/8)
    const Real a = negative_log(tail, 31.0F, near_one);
    const Real y = lane::square_root(a + Real(0.625F));
    Real p = Real(-0.00022756208F);
    p = fused(p, y, Real(1.4205745F));
    p = fused(p, y, Real(3.3267024F));
    p = fused(p, y, Real(0.06588479F));
    Real q = y + Real(2.430303F);
    q = fused(q, y, Real(0.9889731F));
    q = fused(q, y, Real(0.064418204F));
    const Real z = a * (p / q);
    return lane::real_of(lane::bits_of(z) ^ negative << 31);
}

}  // namespace clv
