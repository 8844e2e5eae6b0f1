#pragma once
// Randomised quasi-Monte Carlo points for paths. Paths come in 16 replicates, each a point set with a randomisation of
// its own, so that the spread of the replicates' means is an honest standard error. A customer's points are those of
// the Sobol sequence in nested shuffled order, with every coordinate nested scrambled; the seeds are the customer's and
// the replicate's. Without the shuffle all customers would walk through their strata in related order, and a portfolio
// would have a variance that independent customers do not have.

#include "clv/random/nested_scramble.hpp"
#include "clv/random/philox.hpp"
#include "clv/random/sobol.hpp"

namespace clv {

inline constexpr std::uint32_t replicate_bits = 4;
inline constexpr std::uint32_t replicates = 1U << replicate_bits;

/// Replicate of a path, 0..15. Paths count from 0 in every run.
template <class Word>
CLV_HD Word replicate_of(Word path) {
    return path & Word(replicates - 1);
}

/// Number of a path within its replicate.
template <class Word>
CLV_HD Word point_of(Word path) {
    return path >> static_cast<int>(replicate_bits);
}

/// Keys of one randomisation of a point set with so many dimensions.
template <class Word, int dimensions>
struct ScrambleSeeds {
    Word shuffle;
    Word digits[dimensions];
};

/// Seeds of the replicates that `path` belongs to, lane by lane. The address of a replicate is that of its first path,
/// so paths from another `first_path` (fresh ones) are randomised anew. They are the same for all paths of a replicate:
/// make them once where lanes keep their replicate. An id of 0 is the market. A point set of fewer dimensions has the
/// same coordinates in those.
template <int dimensions, class Word>
CLV_HD ScrambleSeeds<Word, dimensions> scramble_seeds(std::uint32_t first_path, Word path, std::uint32_t id_low,
                                                      std::uint32_t id_high, const PhiloxKey& key) {
    static_assert(1 <= dimensions && dimensions <= sobol_dimensions);
    const Word address = Word(first_path) + replicate_of(path);
    ScrambleSeeds<Word, dimensions> seeds;
    CLV_UNROLL
    for (int block = 0; block <= dimensions / 4; ++block) {
        const auto draws = philox<Word>(Word(draw_address(Purpose::scramble, static_cast<std::uint32_t>(block))),
                                        address, Word(id_low), Word(id_high), key.round[0][0], key.round[0][1]);
        CLV_UNROLL
        for (int word = 0; word < 4; ++word) {
            const int dimension = 4 * block + word - 1;
            if (dimension < 0) {
                seeds.shuffle = draws.word[word];
            } else if (dimension < dimensions) {
                seeds.digits[dimension] = draws.word[word];
            }
        }
    }
    return seeds;
}

/// Coordinates of a point in units of 2^-32.
template <class Word, int dimensions>
struct ScrambledPoint {
    Word word[dimensions];
};

namespace detail {

template <int dimension, int dimensions, class Word>
CLV_HD void scramble_dimensions(const ScrambleSeeds<Word, dimensions>& seeds, Word index,
                                ScrambledPoint<Word, dimensions>& point) {
    if constexpr (dimension < dimensions) {
        const Word coordinate = scramble_reversed(reversed_sobol<dimension>(index), seeds.digits[dimension]);
        point.word[dimension] = lane::reverse_bits(coordinate);
        scramble_dimensions<dimension + 1>(seeds, index, point);
    }
}

}  // namespace detail

/// Point number `number` (see point_of) of a randomised point set, lane by lane. Any aligned block of 2^k points of one
/// replicate is a scrambled net: each coordinate has one point in each of 2^k equal strata. With one dimension this is
/// stratified sampling. Every coordinate alone is uniform.
template <int dimensions, class Word>
CLV_HD ScrambledPoint<Word, dimensions> scrambled_point(const ScrambleSeeds<Word, dimensions>& seeds, Word number) {
    ScrambledPoint<Word, dimensions> point;
    detail::scramble_dimensions<0>(seeds, nested_scramble(number, seeds.shuffle), point);
    return point;
}

/// The path whose noise this path has, with the sign of antithetic_sign: points 2j and 2j + 1 of a replicate share
/// noise number j. As the address of draws it stands for `path`; below half the number of paths, and the rest remains
/// unused.
template <class Word>
CLV_HD Word antithetic_path(Word path) {
    return replicate_of(path) | path >> static_cast<int>(replicate_bits + 1) << static_cast<int>(replicate_bits);
}

/// The sign bit of an odd point's noise, else 0.
template <class Word>
CLV_HD Word antithetic_sign(Word path) {
    return (path & Word(replicates)) << static_cast<int>(31 - replicate_bits);
}

/// x, or -x where `sign` has the top bit.
template <class Real>
CLV_HD Real with_sign(Real x, typename lane::Types<Real>::Word sign) {
    return lane::real_of(lane::bits_of(x) ^ sign);
}

}  // namespace clv
