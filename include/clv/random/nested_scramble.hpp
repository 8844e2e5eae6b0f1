#pragma once
// Nested uniform scrambling of the 32 binary digits of a word, by a hash (Owen, "Randomly permuted (t,m,s)-nets and
// (t,s)-sequences", Monte Carlo and Quasi-Monte Carlo Methods, 1995).
//
//   Definition   Digit k is flipped or not depending on the seed and on digits 1 .. k - 1. So every word alone is
//                uniform, words that agree in their first k digits still do afterwards, and a net stays a net.
//
//   Algorithm    On the word with its digits reversed, where "digits before" are the lower bits:
//     1. x ^= x A                    every factor but that of step 3 is even: a bit does not decide its own flip
//     2. x += seed
//     3. x *= (seed >> 16) | 1
//     4. x ^= x B, then x ^= x C
//
//   Citation     The form is that of Laine and Karras, "Stratified sampling for stochastic transparency", EGSR 2011.
//   The constants and the odd factor from the seed are Vegdahl's, "Building a better LK hash", psychopath.io, 2021.
//   tests/random looks for flips that depend on each other.

#include "clv/random/lane.hpp"

namespace clv {

/// Nested scrambling with the digits in reverse order, the first one in the lowest bit, which saves two reversals where
/// words come that way. It is a bijection for every seed. Seeds should be random words.
template <class Word>
CLV_HD Word scramble_reversed(Word reversed, Word seed) {
    // Sums and products carry upwards only, and an even factor leaves a bit out of its own flip.
    reversed = reversed ^ reversed * Word(0x3d20adeaU);
    reversed = reversed + seed;
    reversed = reversed * (seed >> 16 | Word(1U));
    reversed = reversed ^ reversed * Word(0x05526c56U);
    reversed = reversed ^ reversed * Word(0x53a22864U);
    return reversed;
}

/// Nested scrambling of a word whose first digit is its top bit. Of the coordinates of points (units of 2^-32) it keeps
/// every elementary interval's share. Of indices it is a shuffle that keeps each aligned block of 2^k together.
template <class Word>
CLV_HD Word nested_scramble(Word word, Word seed) {
    return lane::reverse_bits(scramble_reversed(lane::reverse_bits(word), seed));
}

}  // namespace clv
