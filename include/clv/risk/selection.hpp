#pragma once
// Values at given ranks of an unsorted sample, exactly, without sorting it: a histogram says in which few buckets the
// ranks lie, and only those are gathered and sorted. A sample so clustered that a bucket holds most of it costs a sort.

#include <cstdint>
#include <span>
#include <vector>

namespace clv {

/// Keeps its buffers between calls. Not for several threads at once.
class Selection {
  public:
    /// `ranks` from 1 to the size of `values`, in any order, at least one. No value is NaN; zeros are of one sign.
    /// `tail_rank` is one of the ranks. Afterwards at_rank() and the tail refer to this sample.
    void select(std::span<const double> values, std::span<const std::uint64_t> ranks, std::uint64_t tail_rank);

    /// The value at a rank that was asked for.
    [[nodiscard]] double at_rank(std::uint64_t rank) const;
    /// The values of ranks 1 .. tail_rank, in two parts, neither in any particular order.
    [[nodiscard]] std::span<const double> tail_below() const noexcept { return below_; }
    [[nodiscard]] std::span<const double> tail_edge() const noexcept { return edge_; }

  private:
    void fill_buckets(std::span<const double> values);
    void gather(std::span<const double> values, std::uint32_t tail_bucket);

    std::vector<std::uint16_t> bucket_;  ///< of every value
    std::vector<std::uint32_t> count_;   ///< values per bucket
    std::vector<std::uint8_t> purpose_;  ///< of every bucket: bit 0 holds a rank, bit 1 lies below the tail's bucket
    std::vector<std::uint64_t> before_;  ///< of every bucket with a rank: values in lower buckets
    std::vector<std::uint64_t> offset_;  ///< of every bucket with a rank: where it starts in picked_
    std::vector<double> picked_;         ///< values of the buckets with a rank, sorted
    std::vector<double> below_;
    std::span<const double> edge_;
    std::vector<std::uint64_t> ranks_;  ///< sorted
    std::vector<double> at_rank_;       ///< of every entry of ranks_
};

}  // namespace clv
