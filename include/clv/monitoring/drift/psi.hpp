#pragma once
// Population stability index: how far the shares of bins have moved from a baseline, and how far they would by chance.
//
//   PSI         sum over bins of (q - p) ln(q / p) with p the share of the bin in the baseline and q in the current
//               sample: the symmetric Kullback-Leibler divergence of the two (Jeffreys 1946). A bin that is empty in
//               one sample counts half a customer there
//   Bins        of numbers: up to quantiles of the baseline at k / bins, each with all values equal to its end. An end
//               that would leave less than half of 1 / bins of the baseline on either side is left out, which is where
//               ties make fewer bins. Of categories: themselves
//   Law         Without drift PSI is about (1/m + 1/n) chi^2 with bins - 1 degrees of freedom for samples of m and n
//               (Yurdakul and Naranjo 2020), so that a fixed limit of 0.1 means nothing by itself. With 10 bins and 100
//               customers in each sample such limits of 5% are passed in 7.7%, with 200 in 6.0%, with 500 in 5.6%, with
//               1,000 in 5.2%. Hence that law only where every bin is expected at 100 customers or more; else that of
//               all customers put together and parted anew `resamples` times, bins and all, which holds whatever the
//               sizes and ties: of 999 resamples and one seed a threshold of 5% is passed in 5% give or take 0.7%.
//               Where that would take too long for categories, with more than 10,000 customers in either sample and
//               outside the largest category, the rarest are put together until each group is expected at 100
//
//   Citation    Jeffreys, "An invariant form for the prior probability in estimation problems", Proceedings of the
//   Royal Society A 186, 1946; Yurdakul and Naranjo, "Statistical properties of the population stability index",
//   Journal of Risk Model Validation 14, 2020.

#include <cstddef>
#include <cstdint>
#include <span>

namespace clv {

struct PsiSettings {
    std::size_t bins = 10;  ///< of numbers, 2 to 1,000
    double level = 0.05;    ///< of the threshold
    std::uint64_t seed = 1;
    std::uint32_t resamples = 999;
};

struct Psi {
    double value = 0.0;
    double p_value = 1.0;
    double threshold = 0.0;  ///< passed with probability `level` without drift
    std::size_t bins = 0;
    bool resampled = false;  ///< p-value and threshold; else by the law of chi^2
};

/// Compares two samples, each in ascending order without NaN. Throws InputError where one is empty or has more than
/// 2^31 - 1 values, and ConfigError for settings out of range.
[[nodiscard]] Psi psi_of_numbers(std::span<const double> baseline, std::span<const double> current,
                                 const PsiSettings& settings = {});

/// Compares counts, [category]. Throws InputError where a sample is empty or has more than 2^31 - 1 customers,
/// ConfigError for settings out of range, and std::invalid_argument for spans of different lengths.
[[nodiscard]] Psi psi_of_categories(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current,
                                    const PsiSettings& settings = {});

}  // namespace clv
