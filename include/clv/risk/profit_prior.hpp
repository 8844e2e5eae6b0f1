#pragma once
// What is known of an action's profit before any path is simulated, and what that says of its standard error.
//
// A sample in which something rare has not happened does not know that it might: 64 paths in which nobody is kept that
// would have left show the action's cost, and no spread. The laws know it. The variance of the mean is a weighted mean
// of the sample's own and of the one to be expected, with weights in inverse proportion to their relative variances
// (credibility: Buehlmann 1967): (k - 3) / N of the sample's, k the kurtosis to be expected, over what a normal
// distribution has, and `doubt` of the other. Rare events have a kurtosis of one over their probability, so that the
// sample counts for most as soon as it has some of them; where they are common it is all that counts.

#include <cstdint>

namespace clv {

/// Of the profit of one action of one customer.
struct ProfitPrior {
    double variance = 0.0;  ///< of the mean over N paths, times N; currency squared
    double excess = 0.0;    ///< kurtosis - 3 on one path; not above 0: nothing is rare
    double doubt = 0.0;     ///< relative variance of `variance`
};

/// The standard error of a mean over `paths` paths, of which the sample alone says `se`.
[[nodiscard]] double credible_error(double se, const ProfitPrior& prior, std::uint64_t paths);

/// Raw moments of what an accepted action brings on a path, over what a declined one does.
struct GainMoments {
    double first = 0.0;
    double second = 0.0;
    double third = 0.0;
    double fourth = 0.0;
};

/// The prior where the gain comes with probability `acceptance`, and else none. `variance_of_gain`: what of the gain's
/// own variance counts in the mean, where paths are spread evenly.
[[nodiscard]] ProfitPrior prior_of(const GainMoments& gain, double acceptance, double variance_of_gain, double doubt);

}  // namespace clv
