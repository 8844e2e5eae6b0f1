#pragma once
// Categories of two samples: are their shares the same.
//
//   Chi-square  sum over the 2 x K cells of (count - expected)^2 / expected, where a category's customers are expected
//               in either sample in proportion to its size (Pearson 1900)
//   p-value     Of chi^2 with K - 1 degrees of freedom where every cell is expected at 5 or more (Cochran 1954). Else
//               from all customers put together and parted anew, which is exact whatever the counts: until `enough`
//               parted samples are as far apart as the two, or `most_resamples` are drawn (Besag and Clifford 1991).
//               Only where that would take too long, with more than 2,000 customers in either sample and outside the
//               largest category, the rarest are put together until each of these groups is expected at 5; that goes by
//               totals of both samples, which know of no difference between them, so that the level stays what it is
//   cramers_v   sqrt(chi^2 / N): 0 for equal shares, 1 where no category is in both samples (Cramer 1946)
//
//   Citation    Pearson, "On the criterion that a given system of deviations..", Philosophical Magazine 50, 1900;
//   Cochran, "Some methods for strengthening the common chi-square tests", Biometrics 10, 1954; Besag and Clifford,
//   "Sequential Monte Carlo p-values", Biometrika 78, 1991; Cramer, "Mathematical methods of statistics", 1946.

#include <cstddef>
#include <cstdint>
#include <span>

namespace clv {

struct CategoryTestSettings {
    std::uint64_t seed = 1;
    std::uint32_t most_resamples = 9'999;
    std::uint32_t enough = 20;  ///< resamples as far apart as what was seen, after which no more are drawn
};

struct CategoryTest {
    double chi_squared = 0.0;
    double p_value = 1.0;
    double cramers_v = 0.0;
    std::size_t groups = 0;  ///< K: categories that somebody is in, some of them perhaps put together
    bool resampled = false;  ///< else by the law of chi^2
};

/// Compares counts, [category]. Throws InputError where a sample is empty or has 2^31 customers or more, and
/// std::invalid_argument for spans of different lengths.
[[nodiscard]] CategoryTest compare_categories(std::span<const std::uint64_t> baseline,
                                              std::span<const std::uint64_t> current,
                                              const CategoryTestSettings& settings = {});

}  // namespace clv
