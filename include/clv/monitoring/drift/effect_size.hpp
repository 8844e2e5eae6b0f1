#pragma once
// How large a difference is, beside whether there is one: with a million customers everything differs a little.
//
//   SMD         standardised mean difference (mean of the current sample - mean of the baseline) / s, with
//               s^2 = (variance of the baseline + variance of the current sample) / 2, both with n - 1 (Cohen 1988). It
//               does not depend on how large either sample is
//   Error       by the delta method from the fourth moments that the samples have, with no normal distribution assumed:
//               the variance of x / s - SMD (x - mean)^2 / (4 s^2) over the current sample and of its mirror image over
//               the baseline, each divided by its size, under a root. The interval is 1.96 of it to either side
//   Others      D of Kolmogorov-Smirnov (ks.hpp) for numbers of any shape, Cramer's V (categories.hpp) for categories
//
//   Citation    Cohen, "Statistical power analysis for the behavioral sciences", 1988; Bonett, "Confidence intervals
//   for standardized linear contrasts of means", Psychological Methods 13, 2008 (that denominator, and its error).

#include <span>

#include "clv/core/estimate.hpp"

namespace clv {

/// Of two samples without NaN, in any order; sums go in the order given. 0 where both are constant and equal, and
/// infinite where both are constant and differ; then, and with fewer than 2 values in a sample, there is no error
/// (NaN).
[[nodiscard]] Estimate standardised_difference(std::span<const double> baseline, std::span<const double> current);

}  // namespace clv
