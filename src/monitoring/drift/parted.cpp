#include "monitoring/drift/parted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "clv/core/errors.hpp"
#include "clv/random/philox.hpp"

namespace clv {

SampleSizes sizes_of(std::span<const PairCount> counts) {
    SampleSizes sizes;
    for (const PairCount& count : counts) {
        sizes.baseline += count.baseline;
        sizes.current += count.current;
    }
    return sizes;
}

std::span<const std::uint32_t> DistinctDraws::draw(std::uint32_t resample, std::size_t count) {
    for (const std::uint32_t place : drawn_) {
        taken_[place / 64] = 0;
    }
    drawn_.clear();
    const std::uint32_t address = draw_address(Purpose::drift, 0);
    for (std::uint32_t counter = 0; drawn_.size() < count; ++counter) {
        const auto block = philox<std::uint32_t>(address, counter, resample, 0U, static_cast<std::uint32_t>(seed_),
                                                 static_cast<std::uint32_t>(seed_ >> 32));
        for (const std::uint32_t word : block.word) {
            const auto place = static_cast<std::uint32_t>(word * places_ >> 32);  // bias below places / 2^32
            std::uint64_t& bits = taken_[place / 64];
            const std::uint64_t bit = std::uint64_t{1} << place % 64;
            if ((bits & bit) == 0 && drawn_.size() < count) {
                bits |= bit;
                drawn_.push_back(place);
            }
        }
    }
    return drawn_;
}

std::span<const std::uint32_t> DistinctDraws::draw_sorted(std::uint32_t resample, std::size_t count) {
    draw(resample, count);
    if (count < taken_.size() / 16) {
        std::ranges::sort(drawn_);
        return drawn_;
    }
    drawn_.clear();
    for (std::size_t word = 0; word < taken_.size(); ++word) {
        for (std::uint64_t bits = taken_[word]; bits != 0; bits &= bits - 1) {
            drawn_.push_back(static_cast<std::uint32_t>(word * 64 + static_cast<unsigned>(std::countr_zero(bits))));
        }
    }
    return drawn_;
}

PartedCategories::PartedCategories(std::span<const PairCount> counts, std::uint64_t seed)
    : sizes_(sizes_of(counts)), distinct_(sizes_.total(), seed), parted_(counts.size()) {
    for (const PairCount& count : counts) {
        totals_.push_back(count.total());
    }
    largest_ = static_cast<std::size_t>(std::ranges::max_element(totals_) - totals_.begin());
    const std::uint64_t rest = sizes_.total() - totals_[largest_];
    draws_sample_ = sizes_.smaller() <= rest;
    draws_ = draws_sample_ ? sizes_.smaller() : rest;
    std::uint64_t end = 0;
    for (std::size_t k = 0; k < totals_.size(); ++k) {
        end += k == largest_ && !draws_sample_ ? 0 : totals_[k];
        end_.push_back(end);
    }
}

std::span<const PairCount> PartedCategories::part(std::uint32_t resample) {
    const std::span<const std::uint32_t> drawn = distinct_.draw(resample, draws_);
    std::vector<PairCount>& parts = parted_;
    for (std::size_t k = 0; k < parts.size(); ++k) {
        parts[k] = {};
    }
    // counts of the smaller sample first, as those of the baseline
    if (draws_sample_) {
        for (const std::uint32_t place : drawn) {
            ++parts[static_cast<std::size_t>(std::ranges::upper_bound(end_, place) - end_.begin())].baseline;
        }
    } else {
        std::size_t k = 0;
        std::uint64_t others = 0;
        for (std::size_t customer = 0; customer < drawn.size(); ++customer) {
            while (customer >= end_[k]) {
                ++k;
            }
            if (drawn[customer] < sizes_.smaller()) {
                ++parts[k].baseline;
                ++others;
            }
        }
        parts[largest_].baseline = sizes_.smaller() - others;
    }
    for (std::size_t k = 0; k < parts.size(); ++k) {
        parts[k].current = totals_[k] - parts[k].baseline;
        if (sizes_.baseline > sizes_.current) {
            std::swap(parts[k].baseline, parts[k].current);
        }
    }
    return parts;
}

std::vector<PairCount> group_rare(std::span<const PairCount> counts, double least) {
    const SampleSizes sizes = sizes_of(counts);
    const double share = static_cast<double>(sizes.smaller()) / static_cast<double>(sizes.total());
    std::vector<PairCount> rising;
    std::ranges::copy_if(counts, std::back_inserter(rising), [](const PairCount& count) { return count.total() > 0; });
    std::ranges::stable_sort(rising, {}, &PairCount::total);
    std::vector<PairCount> groups;
    bool open = false;
    for (const PairCount& count : rising) {
        if (!open) {
            groups.push_back({});
        }
        groups.back().baseline += count.baseline;
        groups.back().current += count.current;
        open = static_cast<double>(groups.back().total()) * share < least;
    }
    if (open && groups.size() > 1) {
        const PairCount rest = groups.back();
        groups.pop_back();
        groups.back().baseline += rest.baseline;
        groups.back().current += rest.current;
    }
    return groups;
}

double smallest_expected(std::span<const PairCount> counts) {
    const SampleSizes sizes = sizes_of(counts);
    const double share = static_cast<double>(sizes.smaller()) / static_cast<double>(sizes.total());
    double least = std::numeric_limits<double>::infinity();
    for (const PairCount& count : counts) {
        least = std::min(least, static_cast<double>(count.total()) * share);
    }
    return least;
}

std::vector<PairCount> pair_counts(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current) {
    if (baseline.size() != current.size()) {
        throw std::invalid_argument("counts are not of the same categories");
    }
    std::vector<PairCount> counts;
    for (std::size_t k = 0; k < baseline.size(); ++k) {
        if (baseline[k] + current[k] > 0) {
            counts.push_back({baseline[k], current[k]});
        }
    }
    const SampleSizes sizes = sizes_of(counts);
    if (sizes.smaller() == 0 || std::max(sizes.baseline, sizes.current) > most_customers) {
        throw InputError(
            fmt::format("categories of {} customers in the baseline and {} in the current sample: either "
                        "needs 1 to {}",
                        sizes.baseline, sizes.current, most_customers));
    }
    return counts;
}

}  // namespace clv
