#include "clv/risk/selection.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "clv/core/instruction_clones.hpp"

namespace clv {

namespace {

constexpr std::size_t buckets = 2'048;
constexpr std::uint8_t holds_rank = 1;
constexpr std::uint8_t lies_below = 2;

struct Range {
    double low;
    double high;
};

CLV_CLONES Range range_of(const double* values, std::size_t count) {
    double low = values[0];
    double high = values[0];
    for (std::size_t i = 1; i < count; ++i) {
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
    }
    return {low, high};
}

/// Monotone in the value, so buckets are in the order of the values whatever rounding does.
CLV_CLONES void assign_buckets(const double* values, std::size_t count, double low, double scale,
                               std::uint16_t* bucket) {
    for (std::size_t i = 0; i < count; ++i) {
        bucket[i] = static_cast<std::uint16_t>(static_cast<std::int32_t>((values[i] - low) * scale));
    }
}

}  // namespace

void Selection::fill_buckets(std::span<const double> values) {
    const Range range = range_of(values.data(), values.size());
    const double width = range.high - range.low;
    const double scale = static_cast<double>(buckets - 1) / width;
    bucket_.resize(values.size());
    if (width > 0.0 && std::isfinite(scale)) {
        assign_buckets(values.data(), values.size(), range.low, scale, bucket_.data());
    } else {
        std::fill(bucket_.begin(), bucket_.end(), std::uint16_t{0});
    }
    // Neighbouring values often fall into one bucket, and a counter cannot be raised again before it is written.
    constexpr std::size_t tables = 4;
    count_.assign(tables * buckets, 0);
    std::size_t i = 0;
    for (; i + tables <= values.size(); i += tables) {
        for (std::size_t table = 0; table < tables; ++table) {
            ++count_[table * buckets + bucket_[i + table]];
        }
    }
    for (; i < values.size(); ++i) {
        ++count_[bucket_[i]];
    }
    for (std::size_t b = 0; b < buckets; ++b) {
        for (std::size_t table = 1; table < tables; ++table) {
            count_[b] += count_[table * buckets + b];
        }
    }
}

void Selection::gather(std::span<const double> values, std::uint32_t tail_bucket) {
    std::size_t picked = 0;
    std::size_t below = 0;
    for (std::size_t b = 0; b < buckets; ++b) {
        if ((purpose_[b] & holds_rank) != 0) {
            offset_[b] = picked;
            picked += count_[b];
        }
        if (b < tail_bucket) {
            purpose_[b] = static_cast<std::uint8_t>(purpose_[b] | lies_below);
            below += count_[b];
        }
    }
    // One entry of slack: the loop writes every value and moves on only past those it keeps.
    picked_.resize(picked + 1);
    below_.resize(below + 1);
    double* to_picked = picked_.data();
    double* to_below = below_.data();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::uint8_t purpose = purpose_[bucket_[i]];
        *to_picked = values[i];
        to_picked += purpose & holds_rank;
        *to_below = values[i];
        to_below += purpose >> 1;
    }
    picked_.resize(picked);
    below_.resize(below);
    if (!std::is_sorted(picked_.begin(), picked_.end())) {
        std::sort(picked_.begin(), picked_.end());
    }
}

void Selection::select(std::span<const double> values, std::span<const std::uint64_t> ranks, std::uint64_t tail_rank) {
    fill_buckets(values);
    ranks_.assign(ranks.begin(), ranks.end());
    std::sort(ranks_.begin(), ranks_.end());
    ranks_.erase(std::unique(ranks_.begin(), ranks_.end()), ranks_.end());

    purpose_.assign(buckets, 0);
    before_.assign(buckets, 0);
    offset_.assign(buckets, 0);
    std::uint32_t tail_bucket = 0;
    std::uint64_t lower = 0;
    std::size_t next = 0;
    for (std::uint32_t b = 0; b < buckets && next < ranks_.size(); ++b) {
        const std::uint64_t upper = lower + count_[b];
        for (; next < ranks_.size() && ranks_[next] <= upper; ++next) {
            purpose_[b] = holds_rank;
            before_[b] = lower;
            tail_bucket = ranks_[next] == tail_rank ? b : tail_bucket;
        }
        lower = upper;
    }
    gather(values, tail_bucket);

    at_rank_.clear();
    std::uint32_t b = 0;
    std::uint64_t upper = count_[0];
    for (const std::uint64_t rank : ranks_) {
        while (upper < rank) {
            upper += count_[++b];
        }
        at_rank_.push_back(picked_[offset_[b] + (rank - before_[b] - 1)]);
    }
    edge_ = std::span(picked_).subspan(offset_[tail_bucket], tail_rank - before_[tail_bucket]);
}

double Selection::at_rank(std::uint64_t rank) const {
    const auto found = std::lower_bound(ranks_.begin(), ranks_.end(), rank);
    return at_rank_[static_cast<std::size_t>(found - ranks_.begin())];
}

}  // namespace clv
