#include "clv/core/nearest_name.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace clv {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_letter(char a, char b) {
    return lower(a) == lower(b);
}

/// Edit distance with swaps of neighbours (optimal string alignment), by rows of the usual table.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        above[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = above[j - 1] + (same_letter(a[i - 1], b[j - 1]) ? 0 : 1);
            row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1])) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates) {
    constexpr std::size_t longest_name = 256;
    if (name.size() > longest_name) {
        return std::nullopt;
    }
    const std::string* nearest = nullptr;
    std::size_t fewest_edits = std::numeric_limits<std::size_t>::max();
    for (const std::string& candidate : candidates) {
        if (candidate.empty() || candidate.size() > longest_name) {
            continue;
        }
        const std::size_t edits = edit_distance(name, candidate);
        if (edits < fewest_edits && 3 * edits <= std::max(name.size(), candidate.size())) {
            fewest_edits = edits;
            nearest = &candidate;
        }
    }
    return nearest == nullptr ? std::nullopt : std::optional(*nearest);
}

}  // namespace clv
