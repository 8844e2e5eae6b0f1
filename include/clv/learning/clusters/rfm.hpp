#pragma once
// RFM: how recently, how often and for how much customers bought, each as a score from 1 to 5 (5: best), and the names
// that marketing gives to combinations of scores.
//
//   Score       1 + floor(5 s), where s is the share of customers who are worse: whose frequency or money is below the
//               customer's, whose time since the last purchase is above it. Without ties a fifth of the customers have
//               each score. Equal values have the same score, that of the lowest among them: where half bought once,
//               once is a frequency of 1. The order of customers does not matter.
//   Segment     by R and FM = (F + M) / 2, halves rounded up:
//
//               FM 1           FM 2                FM 3                FM 4             FM 5
//          R 5  New Customers  Potential Loyalist  Potential Loyalist  Champions        Champions
//          R 4  Promising      Potential Loyalist  Potential Loyalist  Champions        Champions
//          R 3  About to Sleep Need Attention      Need Attention      Loyal            Loyal
//          R 2  Hibernating    About to Sleep      At Risk             At Risk          At Risk
//          R 1  Lost           Hibernating         At Risk             Can't Lose Them  Can't Lose Them
//
//   Every cell lies in the ranges of R and FM that are in common use for its name (they overlap; the table settles it).
//
//   Citation    Hughes, "Strategic Database Marketing", 1994 (quintiles); Putler, "RFM analysis" (names and ranges).

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace clv {

enum class RfmSegment : std::uint8_t {
    champions,
    loyal,
    potential_loyalist,
    new_customers,
    promising,
    need_attention,
    about_to_sleep,
    at_risk,
    cannot_lose_them,
    hibernating,
    lost,
};

inline constexpr std::size_t rfm_segment_count = 11;

[[nodiscard]] std::string_view to_string(RfmSegment segment) noexcept;

struct RfmScores {
    std::vector<std::uint8_t> recency;  ///< [customer], 1 to 5
    std::vector<std::uint8_t> frequency;
    std::vector<std::uint8_t> money;
};

/// `since_last`: time since the last purchase, in any unit. Throws InputError where the columns differ in length or a
/// number is NaN.
[[nodiscard]] RfmScores rfm_scores(std::span<const double> since_last, std::span<const double> frequency,
                                   std::span<const double> money);

/// Of scores from 1 to 5; throws InputError for others.
[[nodiscard]] RfmSegment rfm_segment(int recency, int frequency, int money);

/// [customer].
[[nodiscard]] std::vector<RfmSegment> rfm_segments(const RfmScores& scores);

}  // namespace clv
