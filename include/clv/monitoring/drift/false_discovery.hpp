#pragma once
// Many tests at once: how many of what they find may be found by chance.
//
//   Adjusted    With p-values in ascending order, min over j >= i of c m p_j / j, and at most 1. All tests with an
//               adjusted p-value of at most q are findings, of which a share of q or less is false in expectation
//   c           1 where p-values are independent or rise and fall together (Benjamini and Hochberg), and the sum of
//               1 / k up to m whatever their dependence (Benjamini and Yekutieli)
//
//   Citation    Benjamini and Hochberg, "Controlling the false discovery rate", Journal of the Royal Statistical
//   Society B 57, 1995; Benjamini and Yekutieli, "The control of the false discovery rate in multiple testing under
//   dependency", Annals of Statistics 29, 2001.

#include <span>
#include <vector>

namespace clv {

enum class FalseDiscovery { benjamini_hochberg, benjamini_yekutieli };

/// Adjusted p-values, in the order of `p_values`. Throws std::invalid_argument for one outside [0, 1].
[[nodiscard]] std::vector<double> adjusted_p_values(std::span<const double> p_values,
                                                    FalseDiscovery method = FalseDiscovery::benjamini_hochberg);

}  // namespace clv
