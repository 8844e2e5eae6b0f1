#pragma once
// Five dimensions of the Sobol sequence with the direction numbers of Joe and Kuo ("Constructing Sobol sequences with
// better two-dimensional projections", SIAM J. Sci. Comput. 30, 2008; their file new-joe-kuo-6.21201), for any index
// and without tables:
//   dimension   primitive polynomial   initial numbers m
//   0           (van der Corput)
//   1           x + 1                  1
//   2           x^2 + x + 1            1 3
//   3           x^3 + x + 1            1 3 1
//   4           x^3 + x^2 + 1          1 1 1
// Let S drop the lowest bit of an index, s be the degree of the polynomial and P = 1 + a_1 S + .. + S^s. By the
// recurrence of the direction numbers digits s q .. s q + s - 1 are the lowest of S^(s q) / P^(q + 1) on the index, up
// to a step with the initial numbers. P^16, P^8, P^4 and P^2 have as few terms as P: so the index is divided by P^16,
// and then the lower halves of ever smaller blocks are multiplied by P^8, P^4, P^2 and P.

#include "clv/random/lane.hpp"

namespace clv {

inline constexpr int sobol_dimensions = 5;

/// Coordinate of point `index`, with its first binary digit in the lowest bit (see scramble_reversed).
template <int dimension, class Word>
CLV_HD Word reversed_sobol(Word index) {
    static_assert(0 <= dimension && dimension < sobol_dimensions);
    Word x = index;
    if constexpr (dimension == 1) {
        x = x ^ (x >> 16);
        x = x ^ (x >> 8 & Word(0x00ff00ffU));
        x = x ^ (x >> 4 & Word(0x0f0f0f0fU));
        x = x ^ (x >> 2 & Word(0x33333333U));
        x = x ^ (x >> 1 & Word(0x55555555U));
    }
    if constexpr (dimension == 2) {
        x = x ^ (x >> 16);
        x = x ^ ((x >> 8 ^ x >> 16) & Word(0x0000ffffU));
        x = x ^ ((x >> 4 ^ x >> 8) & Word(0x00ff00ffU));
        x = x ^ ((x >> 2 ^ x >> 4) & Word(0x0f0f0f0fU));
        x = x ^ ((x >> 1 ^ x >> 2) & Word(0x33333333U));
    }
    if constexpr (dimension == 3) {
        x = x ^ ((x >> 16 ^ x >> 24) & Word(0x00ffffffU));
        x = x ^ ((x >> 8 ^ x >> 12) & Word(0xff000fffU));
        x = x ^ ((x >> 4 ^ x >> 6) & Word(0x3f03f03fU));
        x = x ^ ((x >> 2 ^ x >> 3) & Word(0xc71c71c7U));
        x = x ^ ((x >> 1 ^ x >> 2) & Word(0x49249249U));  // the initial numbers
    }
    if constexpr (dimension == 4) {
        x = x ^ (x >> 16);
        x = x ^ ((x >> 8 ^ x >> 24) & Word(0x00ffffffU));
        x = x ^ ((x >> 4 ^ x >> 12) & Word(0xff000fffU));
        x = x ^ ((x >> 2 ^ x >> 6) & Word(0x3f03f03fU));
        x = x ^ ((x >> 1 ^ x >> 3) & Word(0xc71c71c7U));
        x = x ^ (x >> 1 & Word(0xdb6db6dbU));  // the initial numbers
    }
    return x;
}

/// Coordinate of point `index` in units of 2^-32, lane by lane. Point 0 is 0 in every dimension.
template <int dimension, class Word>
CLV_HD Word sobol_word(Word index) {
    return lane::reverse_bits(reversed_sobol<dimension>(index));
}

}  // namespace clv
