#pragma once
// Gamma draws in float by rejection from a cubed normal.
//
//   Density     f(y) = y^(a - 1) e^-y / Gamma(a), y > 0, for the shape a and scale 1.
//
//   Algorithm   With d = a - 1/3 and c = 1 / (3 sqrt(d)), for a >= 1:
//     1. Draw a standard normal x, and let v = (1 + c x)^3.
//     2. Draw u uniform in (0, 1). Accept if v > 0 and ln u < x^2 / 2 + d (1 - v + ln v), and return d v; else go to 1.
//   At least 95% of the attempts are accepted. For a < 1 the draw is one of shape a + 1 times w^(1 / a), where w is
//   uniform in (0, 1).
//
//   Citation    Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26, 2000. The shortcut
//   that they take before step 2, which saves a logarithm, is left out: lanes would part there.
//
// Here ln u is an exponential draw with its sign changed. Attempts have addresses of their own, so that a lane which
// needs another one shifts nobody's numbers.

#include "clv/random/samplers.hpp"

namespace clv {

/// ln(1 + y) for y >= 0, with full relative precision for small y.
template <class Real>
CLV_HD Real log_one_plus(Real y) {
    return Real(0.0F) - negative_log(Real(1.0F) + y, 0.0F, y);
}

/// The constants d and c for a shape of at least 1.
template <class Real>
struct GammaShape {
    Real d;
    Real c;
};

template <class Real>
CLV_HD GammaShape<Real> gamma_shape(Real shape) {
    const Real d = shape - Real(0.333333343F);
    return {d, Real(0.333333343F) / lane::square_root(d)};
}

/// One attempt, with the normal of step 1 and the word of step 2: the draw, or a negative number.
template <class Real>
CLV_HD Real gamma_attempt(const GammaShape<Real>& shape, Real normal, typename lane::Types<Real>::Word word) {
    constexpr float least = 0x1p-20F;
    const Real root = lane::fused(shape.c, normal, Real(1.0F));
    const Real base = lane::maximum(root, Real(least));
    const Real v = base * base * base;
    const Real rest = v - Real(1.0F);
    const Real log_v = Real(0.0F) - negative_log(v, 0.0F, rest);
    // accepted if -ln u > d (v - 1 - ln v) - x^2 / 2
    const Real bound = lane::fused(shape.d, rest - log_v, Real(-0.5F) * normal * normal);
    const Real excess = lane::select(Real(least) < root, exponential_draw<Real>(word) - bound, Real(-1.0F));
    return lane::select(Real(0.0F) < excess, shape.d * v, Real(-1.0F));
}

/// Addresses of a draw, two attempts each: that none is accepted has a chance below 1e-80.
inline constexpr std::uint32_t most_gamma_addresses = 64;

/// Attempts at `address` and after it until every lane has a draw; `draw` holds the draws so far, negative where there
/// is none. Where none is accepted, because the shape is no number, the draw is the shape's own d.
template <class Real>
CLV_HD Real gamma_attempts(const GammaShape<Real>& shape, Real draw, std::uint32_t address,
                           typename lane::Types<Real>::Word path, std::uint32_t id_low, std::uint32_t id_high,
                           const PhiloxKey& key) {
    using Word = typename lane::Types<Real>::Word;
    for (const std::uint32_t end = address + most_gamma_addresses; lane::any(draw < Real(0.0F)); ++address) {
        if (address == end) {
            return lane::select(draw < Real(0.0F), shape.d, draw);
        }
        const auto block = philox_paths<Word>(address, path, id_low, id_high, key);
        const auto normals = normal_pair<Real>(block.word[0], block.word[1]);
        draw = lane::select(draw < Real(0.0F), gamma_attempt(shape, normals.first, block.word[2]), draw);
        draw = lane::select(draw < Real(0.0F), gamma_attempt(shape, normals.second, block.word[3]), draw);
    }
    return draw;
}

/// u^(1 / shape), which makes a draw of shape + 1 into one of the shape.
template <class Real>
CLV_HD Real small_shape_factor(Real shape, typename lane::Types<Real>::Word word) {
    return exp2(exponential_draw<Real>(word) * Real(-1.44269502F) / shape);
}

/// Gamma draw of any shape >= 0 (0: nearly 0) and scale 1; `small` makes a draw of shape + 1 into one of a shape below
/// 1, and is not looked at otherwise.
template <class Real>
CLV_HD Real gamma_draw(Real shape, typename lane::Types<Real>::Word small, std::uint32_t address,
                       typename lane::Types<Real>::Word path, std::uint32_t id_low, std::uint32_t id_high,
                       const PhiloxKey& key) {
    const auto is_small = shape < Real(1.0F);
    const GammaShape<Real> constants = gamma_shape(lane::select(is_small, shape + Real(1.0F), shape));
    const Real draw = gamma_attempts(constants, Real(-1.0F), address, path, id_low, id_high, key);
    if (!lane::any(is_small)) {
        return draw;
    }
    return lane::select(is_small, draw * small_shape_factor(shape, small), draw);
}

}  // namespace clv
