#include "clv/monitoring/drift/ks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>

#include "clv/core/errors.hpp"
#include "clv/core/instruction_clones.hpp"
#include "clv/random/elementary.hpp"
#include "monitoring/drift/parted.hpp"

namespace clv {

namespace {

/// Values of the baseline between two places where the distributions are compared first.
constexpr std::size_t stride = 128;

void check_sample(std::span<const double> values, std::string_view name) {
    if (values.empty() || values.size() > most_customers) {
        throw InputError(fmt::format("the {} sample has {} values: Kolmogorov-Smirnov takes 1 to {}", name,
                                     values.size(), most_customers));
    }
    if (std::isnan(values.front()) || std::isnan(values.back())) {  // nothing else is in order with them
        throw InputError(
            fmt::format("the {} sample has values that are missing: leave them out and compare how many "
                        "they are by themselves",
                        name));
    }
}

/// A place between groups of equal values: so many of either sample are before it.
struct Cut {
    std::size_t i = 0;
    std::size_t j = 0;
};

/// Distances |i n - j m| of two samples.
class Gaps {
  public:
    Gaps(std::span<const double> a, std::span<const double> b)
        : a_(a), b_(b), m_(static_cast<std::int64_t>(a.size())), n_(static_cast<std::int64_t>(b.size())) {}

    [[nodiscard]] std::int64_t at(Cut cut) const {
        return static_cast<std::int64_t>(cut.i) * n_ - static_cast<std::int64_t>(cut.j) * m_;
    }
    /// The place after all values up to `a`'s at i, given a place before it.
    [[nodiscard]] Cut after(std::size_t i, Cut before) const {
        const auto end_of = [&](std::span<const double> values, std::size_t from) {
            return static_cast<std::size_t>(
                std::upper_bound(values.begin() + static_cast<std::ptrdiff_t>(from), values.end(), a_[i]) -
                values.begin());
        };
        return {end_of(a_, i), end_of(b_, before.j)};
    }
    /// No place from `first` to `last` has a larger distance.
    [[nodiscard]] std::int64_t bound(Cut first, Cut last) const {
        return std::max(at({last.i, first.j}), -at({first.i, last.j}));
    }
    /// Largest distance at the places between groups from `first` to `last`.
    [[nodiscard]] std::int64_t largest(Cut first, Cut last) const {
        std::int64_t best = std::max(std::abs(at(first)), std::abs(at(last)));
        while (first.i < last.i && first.j < last.j) {
            const double value = std::min(a_[first.i], b_[first.j]);
            while (first.i < last.i && a_[first.i] == value) {
                ++first.i;
            }
            while (first.j < last.j && b_[first.j] == value) {
                ++first.j;
            }
            best = std::max(best, std::abs(at(first)));
        }
        return best;  // with one of them at its end, the distance goes straight to that at `last`
    }

  private:
    std::span<const double> a_;
    std::span<const double> b_;
    std::int64_t m_;
    std::int64_t n_;
};

std::vector<bool> group_ends(std::span<const double> a, std::span<const double> b) {
    std::vector<bool> ends(a.size() + b.size(), false);
    std::size_t i = 0;
    std::size_t j = 0;
    while (i + j < ends.size()) {
        const double value = j == b.size() || (i < a.size() && a[i] < b[j]) ? a[i] : b[j];
        for (; i < a.size() && a[i] == value; ++i) {
        }
        for (; j < b.size() && b[j] == value; ++j) {
        }
        ends[i + j - 1] = true;
    }
    return ends;
}

/// v on the line i + j = s from that on the line before, for i = first, first + 1 .. and in their place.
CLV_CLONES void take_step(double* v, int count, double first, double s) {
    const double share = 1.0 / s;
    for (int k = 0; k < count; ++k) {
        const double i = first + k;
        v[k] = share * (i * v[k] + (s - i) * v[k + 1]);
    }
}

/// Q by its series for large l: 2 sum of alternating exp(-2 k^2 l^2).
double tail_of_large(double l) {
    double sum = 0.0;
    for (int k = 1; k <= 8; ++k) {
        const double term = elementary::exp(-2.0 * k * k * l * l);
        sum += k % 2 == 1 ? term : -term;
    }
    return std::min(1.0, 2.0 * sum);
}

/// Q by the theta function's other series, for small l.
double tail_of_small(double l) {
    double sum = 0.0;
    for (int k = 1; k <= 8; ++k) {
        const double odd = 2.0 * k - 1.0;
        sum += elementary::exp(-odd * odd * std::numbers::pi * std::numbers::pi / (8.0 * l * l));
    }
    return 1.0 - std::sqrt(2.0 * std::numbers::pi) / l * sum;
}

}  // namespace

std::uint64_t ks_distance(std::span<const double> baseline, std::span<const double> current) {
    check_sample(baseline, "baseline");
    check_sample(current, "current");
    const Gaps gaps(baseline, current);
    // Distances at some places first: most stretches between them cannot hold a larger one.
    std::vector<Cut> cuts{Cut{}};
    std::int64_t best = 0;
    while (cuts.back().i < baseline.size()) {
        cuts.push_back(gaps.after(std::min(cuts.back().i + stride, baseline.size()) - 1, cuts.back()));
        best = std::max(best, std::abs(gaps.at(cuts.back())));
    }
    for (std::size_t k = 1; k < cuts.size(); ++k) {
        if (gaps.bound(cuts[k - 1], cuts[k]) > best) {
            best = std::max(best, gaps.largest(cuts[k - 1], cuts[k]));
        }
    }
    return static_cast<std::uint64_t>(best);
}

double ks_exact_p(std::uint64_t distance, std::size_t m, std::size_t n, const std::vector<bool>& ends_group) {
    const auto d = static_cast<std::int64_t>(distance);
    const auto of_m = static_cast<std::int64_t>(m);
    const auto all = static_cast<std::int64_t>(m + n);
    if (d <= 0) {
        return 1.0;
    }
    // [m + n - j] at i + j = s: v(i, j) for i in first..last, and 1 elsewhere
    std::vector<double> left(m + n + 2, 1.0);
    left[m + n] = 0.0;
    std::int64_t first = 0;
    std::int64_t last = 0;
    for (std::int64_t s = 1; s <= all; ++s) {
        first = std::max(first, s + of_m - all);
        last = std::min({last + 1, of_m, s});
        double* const of = left.data() + (all - s);
        take_step(of + first, static_cast<int>(last - first + 1), static_cast<double>(first), static_cast<double>(s));
        if (ends_group[static_cast<std::size_t>(s - 1)]) {
            // i n - j m = i (m + n) - s m
            for (; first <= last && s * of_m - first * all >= d; ++first) {
                of[first] = 1.0;
            }
            for (; last >= first && last * all - s * of_m >= d; --last) {
                of[last] = 1.0;
            }
            if (first > last) {
                return 1.0;
            }
        }
    }
    return std::min(1.0, left[m]);
}

double kolmogorov_tail(double l) {
    if (!(l > 0.04)) {  // 1 - Q is below 1e-300
        return 1.0;
    }
    return l < 1.0 ? tail_of_small(l) : tail_of_large(l);
}

KsTest ks_test(std::span<const double> baseline, std::span<const double> current) {
    const std::uint64_t distance = ks_distance(baseline, current);
    const std::size_t m = baseline.size();
    const std::size_t n = current.size();
    const double cells = static_cast<double>(m) * static_cast<double>(n);
    KsTest test;
    test.statistic = static_cast<double>(distance) / cells;
    test.exact = std::uint64_t{m} * n <= most_exact_cells;
    test.p_value = test.exact ? ks_exact_p(distance, m, n, group_ends(baseline, current))
                              : kolmogorov_tail(test.statistic * std::sqrt(cells / static_cast<double>(m + n)));
    return test;
}

KsTest ks_uniform(std::span<const double> values) {
    std::vector<double> sorted(values.begin(), values.end());
    for (std::size_t row = 0; row < sorted.size(); ++row) {
        if (!(sorted[row] >= 0.0 && sorted[row] <= 1.0)) {
            throw InputError(fmt::format("value {} of {} is {}: values beside the uniform distribution are in [0, 1]",
                                         row + 1, sorted.size(), sorted[row]));
        }
    }
    if (sorted.empty()) {
        throw InputError("no values to compare with the uniform distribution: give at least one");
    }
    std::ranges::sort(sorted);
    const auto n = static_cast<double>(sorted.size());
    KsTest test;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const auto below = static_cast<double>(i);
        test.statistic = std::max({test.statistic, (below + 1.0) / n - sorted[i], sorted[i] - below / n});
    }
    const double root = std::sqrt(n);
    test.p_value = kolmogorov_tail(test.statistic * (root + 0.12 + 0.11 / root));
    return test;
}

}  // namespace clv
