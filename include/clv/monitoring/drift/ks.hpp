#pragma once
// Kolmogorov-Smirnov: are two samples of one distribution, or one sample of the uniform.
//
//   D           largest distance between the empirical distributions of m and n values: max |i n - j m| / (m n), where
//   i
//               and j values of either sample are at most x. The whole number |i n - j m| is what is compared, so that
//               no rounding decides
//   Exact       P(D >= d) when all orders of the m + n values are equally likely, given which values are tied: an order
//               is a path on a lattice from (0, 0) to (m, n), and leaves the band |i n - j m| < d where that fails at
//               the end of a group of ties. With v the probability that a path to (i, j) has left it,
//                   v(i, j) = i / (i + j) v(i - 1, j) + j / (i + j) v(i, j - 1),     1 outside the band
//               Sums of positive terms keep small probabilities to a relative error of about (m + n) 2^-53. Time is at
//               most m n and without ties 2 m n D, memory m + n
//   Asymptotic  Q(l) = 2 sum over k >= 1 of (-1)^(k - 1) exp(-2 k^2 l^2) with l = D sqrt(m n / (m + n)); for small l in
//               the form 1 - sqrt(2 pi) / l sum of exp(-(2 k - 1)^2 pi^2 / (8 l^2)). Where values are tied, it is
//               conservative: it finds a difference less often than its level allows
//
//   Citation    Kolmogorov, "Sulla determinazione empirica di una legge di distribuzione", 1933; Smirnov, "Table for
//   estimating the goodness of fit of empirical distributions", Annals of Mathematical Statistics 19, 1948; Hodges,
//   "The significance probability of the Smirnov two-sample test", Arkiv foer Matematik 3, 1958; Schroeer and Trenkler,
//   "Exact and randomization distributions of Kolmogorov-Smirnov tests for two or three samples", Computational
//   Statistics & Data Analysis 20, 1995 (ties); Stephens, "Use of the Kolmogorov-Smirnov, Cramer-von Mises and related
//   statistics without extensive tables", Journal of the Royal Statistical Society B 32, 1970 (one sample).

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clv {

/// p-values are exact up to this m n, and asymptotic above.
inline constexpr std::uint64_t most_exact_cells = 4'000'000;

struct KsTest {
    double statistic = 0.0;  ///< D, in 0..1: its own effect size
    double p_value = 1.0;    ///< P(D >= what was seen) if both samples are of one distribution
    bool exact = false;      ///< else asymptotic
};

/// Compares two samples, each in ascending order. Throws InputError for one that is empty, has more than 2^31 - 1
/// values or a NaN.
[[nodiscard]] KsTest ks_test(std::span<const double> baseline, std::span<const double> current);

/// D m n of two samples in ascending order.
[[nodiscard]] std::uint64_t ks_distance(std::span<const double> baseline, std::span<const double> current);

/// Exact P(D m n >= distance). `ends_group`: [s - 1] whether the s-th smallest of all m + n values is the last of those
/// equal to it.
[[nodiscard]] double ks_exact_p(std::uint64_t distance, std::size_t m, std::size_t n,
                                const std::vector<bool>& ends_group);

/// Q(l): probability that the limit of D sqrt(m n / (m + n)) exceeds l.
[[nodiscard]] double kolmogorov_tail(double l);

/// Compares values of [0, 1], in any order, with the uniform distribution: Q at D (sqrt(n) + 0.12 + 0.11 / sqrt(n)),
/// which is within a few thousandths of the exact law from n = 5 on. Throws InputError for no values, or one outside.
[[nodiscard]] KsTest ks_uniform(std::span<const double> values);

}  // namespace clv
