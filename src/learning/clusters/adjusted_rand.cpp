#include "clv/learning/clusters/adjusted_rand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"

namespace clv {

namespace {

/// Pairs of equal values.
std::uint64_t equal_pairs(std::vector<std::uint64_t> values) {
    std::ranges::sort(values);
    throw_if_interrupted();
    std::uint64_t pairs = 0;
    std::uint64_t alike = 0;
    for (std::size_t i = 1; i < values.size(); ++i) {
        alike = values[i] == values[i - 1] ? alike + 1 : 0;
        pairs += alike;
    }
    return pairs;
}

}  // namespace

double adjusted_rand(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
    if (a.size() != b.size() || a.empty() || a.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw InputError(
            fmt::format("labelings of {} and {} things cannot be compared: give two labels for each of the same 1 to "
                        "2^32 - 1 things",
                        a.size(), b.size()));
    }
    std::vector<std::uint64_t> both(a.size());
    std::ranges::transform(a, b, both.begin(), [](std::uint32_t first, std::uint32_t second) {
        return static_cast<std::uint64_t>(first) << 32 | second;
    });
    const std::uint64_t in_a = equal_pairs({a.begin(), a.end()});
    const std::uint64_t in_b = equal_pairs({b.begin(), b.end()});
    const auto together = static_cast<double>(equal_pairs(std::move(both)));
    const std::uint64_t all = static_cast<std::uint64_t>(a.size()) * (a.size() - 1) / 2;
    if (in_a == in_b && (in_a == 0 || in_a == all)) {
        return 1.0;  // all apart, or all together, in both
    }
    const double by_chance = static_cast<double>(in_a) * static_cast<double>(in_b) / static_cast<double>(all);
    const double most = 0.5 * (static_cast<double>(in_a) + static_cast<double>(in_b));
    return (together - by_chance) / (most - by_chance);
}

}  // namespace clv
