#include "clv/risk/selection.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "clv/core/instruction_clones.hpp"
#include "clv/core/progress.hpp"

namespace clv {

namespace {

constexpr std::uint32_t most_buckets = 2'048;
constexpr std::size_t most_held = 0xff;  // more ranks than this and a sort is as good
// Neighbouring values often fall into one bucket, and a counter cannot be raised again before it is written.
constexpr std::size_t tables = 4;

struct Range {
    double low;
    double high;
};

CLV_CLONES Range range_of(const double* values, std::size_t count) {
    constexpr std::size_t side_by_side = 32;
    double low[side_by_side];
    double high[side_by_side];
    for (std::size_t lane = 0; lane < side_by_side; ++lane) {
        low[lane] = values[0];
        high[lane] = values[0];
    }
    std::size_t i = 0;
    for (; i + side_by_side <= count; i += side_by_side) {
        for (std::size_t lane = 0; lane < side_by_side; ++lane) {
            low[lane] = values[i + lane] < low[lane] ? values[i + lane] : low[lane];
            high[lane] = values[i + lane] > high[lane] ? values[i + lane] : high[lane];
        }
    }
    for (; i < count; ++i) {
        low[0] = values[i] < low[0] ? values[i] : low[0];
        high[0] = values[i] > high[0] ? values[i] : high[0];
    }
    for (std::size_t lane = 1; lane < side_by_side; ++lane) {
        low[0] = low[lane] < low[0] ? low[lane] : low[0];
        high[0] = high[lane] > high[0] ? high[lane] : high[0];
    }
    return {low[0], high[0]};
}

/// Monotone in the value, so buckets are in the order of the values whatever rounding does.
CLV_CLONES void assign_buckets(const double* values, std::size_t count, double low, double scale,
                               std::uint16_t* bucket) {
    for (std::size_t i = 0; i < count; ++i) {
        bucket[i] = static_cast<std::uint16_t>(static_cast<std::int32_t>((values[i] - low) * scale));
    }
}

CLV_CLONES void add_tables(std::uint32_t* count, std::size_t buckets) {
    for (std::size_t b = 0; b < buckets; ++b) {
        count[b] += count[buckets + b] + count[2 * buckets + b] + count[3 * buckets + b];
    }
}

}  // namespace

void Selection::count(std::span<const double> values) {
    // as many buckets as pay: small samples have fewer
    buckets_ = std::bit_floor(
        static_cast<std::uint32_t>(std::clamp<std::size_t>(values.size(), 16, std::size_t{most_buckets})));
    Range range{values[0], values[0]};
    in_stretches(values.size(), [&](std::size_t begin, std::size_t end) {
        const Range part = range_of(values.data() + begin, end - begin);
        range = {std::min(range.low, part.low), std::max(range.high, part.high)};
    });
    const double width = range.high - range.low;
    const double scale = static_cast<double>(buckets_ - 1) / width;
    bucket_.resize(values.size());
    if (width > 0.0 && std::isfinite(scale) && std::isfinite(width)) {
        in_stretches(values.size(), [&](std::size_t begin, std::size_t end) {
            assign_buckets(values.data() + begin, end - begin, range.low, scale, bucket_.data() + begin);
        });
    } else {
        std::fill(bucket_.begin(), bucket_.end(), std::uint16_t{0});
    }
    count_.assign(tables * buckets_, 0);
    std::uint32_t* counts = count_.data();
    const std::uint16_t* bucket = bucket_.data();
    in_stretches(values.size(), [&](std::size_t i, std::size_t end) {
        for (; i + tables <= end; i += tables) {
            ++counts[bucket[i]];
            ++counts[buckets_ + bucket[i + 1]];
            ++counts[2 * buckets_ + bucket[i + 2]];
            ++counts[3 * buckets_ + bucket[i + 3]];
        }
        for (; i < end; ++i) {
            ++counts[bucket[i]];
        }
    });
    add_tables(counts, buckets_);
}

void Selection::find_buckets() {
    held_.clear();
    purpose_.assign(buckets_, 0);
    std::uint64_t before = 0;
    std::size_t begin = 0;
    std::size_t next = 0;
    for (std::uint32_t b = 0; b < buckets_ && next < ranks_.size(); ++b) {
        const std::uint64_t upper = before + count_[b];
        if (ranks_[next] <= upper) {
            held_.push_back({b, before, begin, begin + count_[b]});
            begin += count_[b];
            while (next < ranks_.size() && ranks_[next] <= upper) {
                ++next;
            }
        }
        before = upper;
    }
    for (std::size_t h = 0; h < held_.size(); ++h) {
        purpose_[held_[h].bucket] = static_cast<std::uint8_t>(h + 1);
    }
}

void Selection::gather(std::span<const double> values) {
    constexpr std::size_t word = sizeof(std::uint64_t);
    flag_.resize((values.size() + word - 1) / word * word, 0);
    const std::uint16_t* bucket = bucket_.data();
    const std::uint8_t* purpose = purpose_.data();
    std::uint8_t* flag = flag_.data();
    in_stretches(values.size(), [&](std::size_t i, std::size_t end) {
        for (; i < end; ++i) {
            flag[i] = purpose[bucket[i]];
        }
    });
    std::fill(flag_.begin() + static_cast<std::ptrdiff_t>(values.size()), flag_.end(), std::uint8_t{0});

    picked_.resize(held_.back().end);
    std::size_t to[most_held + 1];
    for (std::size_t h = 0; h < held_.size(); ++h) {
        to[h + 1] = held_[h].begin;
    }
    in_stretches(values.size(), [&](std::size_t i, std::size_t end) {
        for (; i < end; i += word) {
            std::uint64_t flags = 0;
            std::memcpy(&flags, flag + i, word);
            if (flags == 0) {
                continue;
            }
            for (std::size_t at = i; at < std::min(i + word, end); ++at) {
                if (flag[at] != 0) {
                    picked_[to[flag[at]]++] = values[at];
                }
            }
        }
    });
}

void Selection::put_in_order() {
    at_rank_.resize(ranks_.size());
    std::size_t h = 0;
    double* from = nullptr;  // what stands before is in place
    for (std::size_t r = 0; r < ranks_.size(); ++r) {
        while (ranks_[r] > held_[h].before + (held_[h].end - held_[h].begin)) {
            ++h;
            from = nullptr;
        }
        throw_if_interrupted();
        double* const begin = picked_.data() + held_[h].begin;
        double* const nth = begin + (ranks_[r] - held_[h].before - 1);
        std::nth_element(from == nullptr ? begin : from, nth, picked_.data() + held_[h].end);
        at_rank_[r] = *nth;
        from = nth + 1;
    }
}

void Selection::select(std::span<const double> values, std::span<const std::uint64_t> ranks) {
    // at once: how much of it is used differs from sample to sample
    picked_.reserve(values.size());
    held_.reserve(ranks.size());
    count_.reserve(tables * most_buckets);
    purpose_.reserve(most_buckets);
    ranks_.assign(ranks.begin(), ranks.end());
    std::sort(ranks_.begin(), ranks_.end());
    ranks_.erase(std::unique(ranks_.begin(), ranks_.end()), ranks_.end());
    if (ranks_.size() > most_held) {
        picked_.assign(values.begin(), values.end());
        held_.assign(1, {0, 0, 0, values.size()});
    } else {
        count(values);
        find_buckets();
        gather(values);
    }
    put_in_order();
}

double Selection::at_rank(std::uint64_t rank) const {
    const auto found = std::lower_bound(ranks_.begin(), ranks_.end(), rank);
    return at_rank_[static_cast<std::size_t>(found - ranks_.begin())];
}

}  // namespace clv
