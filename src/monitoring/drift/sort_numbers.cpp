#include "monitoring/drift/sort_numbers.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace clv {

namespace {

constexpr int digit_bits = 11;
constexpr int digits = 3;
constexpr std::size_t digit_values = std::size_t{1} << digit_bits;
constexpr std::uint64_t sign = std::uint64_t{1} << 63;
constexpr std::size_t few = 256;

/// In the same order as the numbers: negative ones have all their bits turned, others the sign. Without a branch, which
/// would be a guess at every number.
std::uint64_t key_of(double number) {
    const auto bits = std::bit_cast<std::uint64_t>(number);
    return bits ^ ((std::uint64_t{0} - (bits >> 63)) | sign);
}

double number_of(std::uint64_t key) {
    return std::bit_cast<double>(key ^ (((key >> 63) - 1) | sign));
}

std::size_t digit_of(std::uint64_t key, int shift, int digit) {
    return key >> (shift + digit * digit_bits) & (digit_values - 1);
}

/// Sorts the stretches whose bits above `shift` are equal.
void sort_stretches(std::vector<std::uint64_t>& keys, int shift) {
    for (std::size_t begin = 0; begin < keys.size();) {
        std::size_t end = begin + 1;
        bool in_order = true;
        for (; end < keys.size() && keys[end] >> shift == keys[begin] >> shift; ++end) {
            in_order = in_order && keys[end - 1] <= keys[end];
        }
        if (!in_order) {
            std::sort(keys.begin() + static_cast<std::ptrdiff_t>(begin),
                      keys.begin() + static_cast<std::ptrdiff_t>(end));
        }
        begin = end;
    }
}

}  // namespace

void sort_numbers(std::span<double> numbers, SortSpace& space) {
    if (numbers.size() < few) {
        std::ranges::sort(numbers);
        return;
    }
    space.keys.resize(numbers.size());
    space.other.resize(numbers.size());
    std::ranges::transform(numbers, space.keys.begin(), key_of);
    const auto [least, most] = std::ranges::minmax(space.keys);
    // from the least key, so that the highest bits tell as many numbers apart as they can
    const int shift = std::max(0, static_cast<int>(std::bit_width(most - least)) - digits * digit_bits);
    std::array<std::array<std::uint32_t, digit_values>, digits> place{};
    for (std::uint64_t& key : space.keys) {
        key -= least;
        for (int digit = 0; digit < digits; ++digit) {
            ++place[static_cast<std::size_t>(digit)][digit_of(key, shift, digit)];
        }
    }
    for (int digit = 0; digit < digits; ++digit) {
        auto& places = place[static_cast<std::size_t>(digit)];
        if (std::ranges::any_of(places, [&](std::uint32_t count) { return count == numbers.size(); })) {
            continue;  // all have the same
        }
        std::uint32_t before = 0;
        for (std::uint32_t& count : places) {
            before += count;
            count = before - count;
        }
        for (const std::uint64_t key : space.keys) {
            space.other[places[digit_of(key, shift, digit)]++] = key;
        }
        space.keys.swap(space.other);
    }
    if (shift > 0) {
        sort_stretches(space.keys, shift);
    }
    std::ranges::transform(space.keys, numbers.begin(), [&](std::uint64_t key) { return number_of(key + least); });
}

}  // namespace clv
