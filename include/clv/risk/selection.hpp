#pragma once
// Values at given ranks of an unsorted sample, exactly, without sorting it: a histogram says in which few buckets the
// ranks lie, and only those are gathered and put in order.

#include <cstdint>
#include <span>
#include <vector>

namespace clv {

/// Keeps its buffers between calls. Not for several threads at once.
class Selection {
  public:
    /// `ranks` from 1 to the size of `values`, in any order, at least one. No value is NaN; zeros are of one sign.
    /// Afterwards at_rank() refers to this sample.
    void select(std::span<const double> values, std::span<const std::uint64_t> ranks);

    /// The value at a rank that was asked for.
    [[nodiscard]] double at_rank(std::uint64_t rank) const;

  private:
    /// A bucket that holds ranks.
    struct Held {
        std::uint32_t bucket;
        std::uint64_t before;  ///< values in lower buckets
        std::size_t begin;     ///< its part of picked_
        std::size_t end;
    };
    void count(std::span<const double> values);
    void find_buckets();
    void gather(std::span<const double> values);
    void put_in_order();

    std::uint32_t buckets_ = 0;
    std::vector<std::uint16_t> bucket_;  ///< of every value
    std::vector<std::uint32_t> count_;   ///< values per bucket, in several tables
    std::vector<std::uint8_t> purpose_;  ///< of every bucket: position in held_ + 1, or 0
    std::vector<std::uint8_t> flag_;     ///< purpose of every value's bucket
    std::vector<Held> held_;
    std::vector<double> picked_;        ///< values of the buckets with a rank
    std::vector<std::uint64_t> ranks_;  ///< rising
    std::vector<double> at_rank_;       ///< of every entry of ranks_
};

}  // namespace clv
