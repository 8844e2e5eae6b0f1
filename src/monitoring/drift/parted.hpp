#pragma once
// Two samples put together and parted anew: what their difference would be if there were none.
//
//   Algorithm   Parting N customers anew is to draw the places of the smaller sample, without replacement, among those
//   of all in order. For counts of categories it is also to draw the places of those who are not in the largest
//   category, while the smaller sample has the first places. Whichever are fewer are drawn.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clv {

/// In a sample.
inline constexpr std::size_t most_customers = 0x7fffffff;

/// Of one sample and of the other, in a bin or a category.
struct PairCount {
    std::uint64_t baseline = 0;
    std::uint64_t current = 0;
    [[nodiscard]] std::uint64_t total() const noexcept { return baseline + current; }
};

/// Samples of their sizes.
struct SampleSizes {
    std::uint64_t baseline = 0;
    std::uint64_t current = 0;
    [[nodiscard]] std::uint64_t total() const noexcept { return baseline + current; }
    [[nodiscard]] std::uint64_t smaller() const noexcept { return baseline < current ? baseline : current; }
};

[[nodiscard]] SampleSizes sizes_of(std::span<const PairCount> counts);

/// Draws without replacement among 0 .. places - 1.
class DistinctDraws {
  public:
    DistinctDraws(std::uint64_t places, std::uint64_t seed) : places_(places), seed_(seed), taken_(places / 64 + 1) {}

    /// So many draws of a resample, in the order drawn; at most all places.
    std::span<const std::uint32_t> draw(std::uint32_t resample, std::size_t count);
    /// The same in ascending order.
    std::span<const std::uint32_t> draw_sorted(std::uint32_t resample, std::size_t count);

  private:
    std::uint64_t places_;
    std::uint64_t seed_;
    std::vector<std::uint64_t> taken_;  ///< one bit a place
    std::vector<std::uint32_t> drawn_;
};

/// Counts of categories with the same totals, parted anew.
class PartedCategories {
  public:
    PartedCategories(std::span<const PairCount> counts, std::uint64_t seed);

    /// Draws of one resample.
    [[nodiscard]] std::size_t draws() const noexcept { return draws_; }
    /// [category], valid until the next call.
    std::span<const PairCount> part(std::uint32_t resample);

  private:
    SampleSizes sizes_;
    std::vector<std::uint64_t> totals_;
    std::vector<std::uint64_t> end_;  ///< [category]: place after its last
    std::size_t largest_ = 0;
    std::size_t draws_ = 0;
    bool draws_sample_ = false;  ///< else those who are not in the largest category
    DistinctDraws distinct_;
    std::vector<PairCount> parted_;
};

/// Puts the rarest together until every group is expected at `least` or more in the smaller sample; categories that
/// nobody is in are left out. Goes by totals alone.
[[nodiscard]] std::vector<PairCount> group_rare(std::span<const PairCount> counts, double least);

/// The smallest count that is expected in a cell; infinity without any.
[[nodiscard]] double smallest_expected(std::span<const PairCount> counts);

/// Counts side by side, without categories that nobody is in. Throws InputError where a sample is empty or has 2^31
/// customers or more, and std::invalid_argument for spans of different lengths.
[[nodiscard]] std::vector<PairCount> pair_counts(std::span<const std::uint64_t> baseline,
                                                 std::span<const std::uint64_t> current);

}  // namespace clv
