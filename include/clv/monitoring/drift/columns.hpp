#pragma once
// Drift of many columns at once: which of them are not what they were, and by how much.
//
//   Numbers      Kolmogorov-Smirnov (ks.hpp); D and the standardised mean difference as sizes of the effect
//   Categories   chi-square (categories.hpp); Cramer's V
//   Missing      Missing numbers are left out of the above. Where a column has any, their share is compared as two
//                categories, and the column's p-value is twice the lower of the two (Bonferroni)
//   All columns  A column drifts where its p-value, adjusted for all columns (false_discovery.hpp), is at most the
//                level. The stability index (psi.hpp) stands beside it with a law of its own, and decides nothing
//
//   Algorithm    A thread sorts both samples of a column once, and everything of the column comes from these; it holds
//                four samples' worth of memory. Sums go in the order of values, so that neither the order of rows nor
//                threads show in any bit.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "clv/core/estimate.hpp"
#include "clv/monitoring/drift/categories.hpp"
#include "clv/monitoring/drift/false_discovery.hpp"
#include "clv/monitoring/drift/psi.hpp"

namespace clv {

/// Numbers of two samples, in any order; NaN where missing.
struct NumberSamples {
    std::span<const double> baseline;
    std::span<const double> current;
};

/// Categories of two samples by the same codes, below `categories`. A missing one is a category.
struct CategorySamples {
    std::span<const std::uint32_t> baseline;
    std::span<const std::uint32_t> current;
    std::uint32_t categories = 0;
};

struct SampledColumn {
    std::string name;
    std::variant<NumberSamples, CategorySamples> samples;
};

struct DriftSettings {
    double level = 0.05;  ///< of false discoveries, and of the stability index's threshold
    FalseDiscovery method = FalseDiscovery::benjamini_hochberg;
    std::size_t bins = 10;  ///< of the stability index
    std::uint64_t seed = 1;
    int threads = 0;  ///< 0: all
};

struct ColumnDrift {
    std::string name;
    bool is_number = true;
    double statistic = 0.0;         ///< D of numbers, Cramer's V of categories
    double p_value = 1.0;           ///< of the column by itself
    double adjusted_p_value = 1.0;  ///< beside all other columns
    bool drifts = false;
    Psi psi;
    Estimate difference;               ///< standardised mean difference; of categories NaN
    std::size_t missing_baseline = 0;  ///< numbers
    std::size_t missing_current = 0;
};

/// Compares every column. A column with no numbers in a sample is compared by what is missing alone. Throws InputError,
/// which names the column, for an empty sample, one of more than 2^31 - 1 rows, an infinite number or a code that is no
/// category; and ConfigError for settings out of range.
[[nodiscard]] std::vector<ColumnDrift> compare_columns(std::span<const SampledColumn> columns,
                                                       const DriftSettings& settings);

}  // namespace clv
