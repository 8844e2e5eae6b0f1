#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace clv {

/// What sort_numbers() works with, kept from one call to the next.
struct SortSpace {
    std::vector<std::uint64_t> keys;
    std::vector<std::uint64_t> other;
};

/// Puts finite numbers in ascending order by the highest 33 bits in which they differ, 11 at a time from the lowest
/// (radix sort); the few that have these bits in common are sorted among themselves.
void sort_numbers(std::span<double> numbers, SortSpace& space);

}  // namespace clv
