#pragma once
// Standard normal quantile of a 32-bit word, in float: what turns a point of a quasi-random sequence into normals. One
// logarithm, one square root and one division for all words, no branch and no library function.

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
    // With a = -ln(2 tail probability), z / a is smooth in sqrt(a + 5/8): a rational minimax fit, relative error 5e-8.
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
