#include "clv/learning/clusters/rfm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"

namespace clv {

namespace {

constexpr std::size_t scores_in_all = 5;

/// [R - 1][FM - 1]
constexpr RfmSegment segment_table[scores_in_all][scores_in_all] = {
    {RfmSegment::lost, RfmSegment::hibernating, RfmSegment::at_risk, RfmSegment::cannot_lose_them,
     RfmSegment::cannot_lose_them},
    {RfmSegment::hibernating, RfmSegment::about_to_sleep, RfmSegment::at_risk, RfmSegment::at_risk,
     RfmSegment::at_risk},
    {RfmSegment::about_to_sleep, RfmSegment::need_attention, RfmSegment::need_attention, RfmSegment::loyal,
     RfmSegment::loyal},
    {RfmSegment::promising, RfmSegment::potential_loyalist, RfmSegment::potential_loyalist, RfmSegment::champions,
     RfmSegment::champions},
    {RfmSegment::new_customers, RfmSegment::potential_loyalist, RfmSegment::potential_loyalist, RfmSegment::champions,
     RfmSegment::champions},
};

enum class Best { largest, smallest };

std::vector<std::uint8_t> quintile_scores(std::span<const double> values, Best best) {
    std::vector<double> sorted(values.begin(), values.end());
    std::ranges::sort(sorted);
    const std::size_t all = sorted.size();
    std::vector<std::uint8_t> scores(all);
    in_stretches(all, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const auto worse = best == Best::largest ? std::ranges::lower_bound(sorted, values[i]) - sorted.begin()
                                                     : sorted.end() - std::ranges::upper_bound(sorted, values[i]);
            // whole numbers: shares such as 0.2 have no exact double
            scores[i] = static_cast<std::uint8_t>(1 + scores_in_all * static_cast<std::size_t>(worse) / all);
        }
    });
    return scores;
}

void check_column(std::span<const double> values, std::size_t customers, const char* name) {
    if (values.size() != customers) {
        throw InputError(
            fmt::format("RFM needs one {} for every customer: {} customers have {}", name, customers, values.size()));
    }
    const auto unknown = std::ranges::find_if(values, [](double value) { return std::isnan(value); });
    if (unknown != values.end()) {
        throw InputError(fmt::format("the {} of customer {} is unknown: leave out customers without purchases", name,
                                     unknown - values.begin() + 1));
    }
}

}  // namespace

std::string_view to_string(RfmSegment segment) noexcept {
    switch (segment) {
        case RfmSegment::champions:
            return "Champions";
        case RfmSegment::loyal:
            return "Loyal";
        case RfmSegment::potential_loyalist:
            return "Potential Loyalist";
        case RfmSegment::new_customers:
            return "New Customers";
        case RfmSegment::promising:
            return "Promising";
        case RfmSegment::need_attention:
            return "Need Attention";
        case RfmSegment::about_to_sleep:
            return "About to Sleep";
        case RfmSegment::at_risk:
            return "At Risk";
        case RfmSegment::cannot_lose_them:
            return "Can't Lose Them";
        case RfmSegment::hibernating:
            return "Hibernating";
        case RfmSegment::lost:
            return "Lost";
    }
    return "unknown";
}

RfmScores rfm_scores(std::span<const double> since_last, std::span<const double> frequency,
                     std::span<const double> money) {
    check_column(since_last, since_last.size(), "time since the last purchase");
    check_column(frequency, since_last.size(), "frequency");
    check_column(money, since_last.size(), "money");
    return {quintile_scores(since_last, Best::smallest), quintile_scores(frequency, Best::largest),
            quintile_scores(money, Best::largest)};
}

RfmSegment rfm_segment(int recency, int frequency, int money) {
    for (const int score : {recency, frequency, money}) {
        if (score < 1 || score > static_cast<int>(scores_in_all)) {
            throw InputError(fmt::format("{} is no RFM score: scores are 1 to {}", score, scores_in_all));
        }
    }
    const int both = (frequency + money + 1) / 2;
    return segment_table[recency - 1][both - 1];
}

std::vector<RfmSegment> rfm_segments(const RfmScores& scores) {
    std::vector<RfmSegment> segments(scores.recency.size());
    in_stretches(segments.size(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            segments[i] = rfm_segment(scores.recency[i], scores.frequency[i], scores.money[i]);
        }
    });
    return segments;
}

}  // namespace clv
