#include "clv/risk/class_scores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "calibration_line.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/random/elementary.hpp"
#include "clv/risk/wilson_interval.hpp"

namespace clv {

namespace {

constexpr double least_probability = 1e-15;
constexpr std::size_t calibration_groups = 10;

constexpr std::array<std::pair<std::string_view, std::string_view>, class_score_count> class_score_names{
    {{"auc", "probability"},
     {"average_precision", "share"},
     {"brier", ""},
     {"log_loss", ""},
     {"calibration_slope", ""},
     {"calibration_intercept", ""},
     {"mean_predicted", "probability"},
     {"share_observed", "share"}}};

/// Customers by distinct probability, from the highest.
struct ClassGroups {
    std::vector<std::uint32_t> member;  ///< [rank]: place, in all but the last bit, and outcome
    std::vector<std::uint32_t> end;     ///< [group]: rank after its last
    std::vector<double> probability;    ///< [group]
    std::vector<double> event_loss;     ///< [group]: -ln(p)
    std::vector<double> other_loss;     ///< [group]: -ln(1 - p)

    [[nodiscard]] std::size_t size() const noexcept { return end.size(); }
};

ClassGroups class_groups(std::span<const double> probability, std::span<const std::uint8_t> outcome,
                         std::span<const std::uint32_t> rows) {
    std::vector<double> by_place(rows.size());
    std::ranges::transform(rows, by_place.begin(), [&](std::uint32_t row) { return probability[row]; });
    Ranking ranking = ranking_of(by_place);
    ClassGroups groups;
    groups.end = std::move(ranking.end);
    groups.member = std::move(ranking.place);
    for (const std::uint32_t end : groups.end) {
        const double p = by_place[groups.member[end - 1]];
        groups.probability.push_back(p);
        groups.event_loss.push_back(-elementary::log(std::max(p, least_probability)));
        groups.other_loss.push_back(p < 0.5 ? -elementary::log1p(-std::max(p, least_probability))
                                            : -elementary::log(std::max(1.0 - p, least_probability)));
    }
    for (std::uint32_t& member : groups.member) {
        member = member << 1 | outcome[rows[member]];
    }
    return groups;
}

void count_classes(const ClassGroups& groups, std::span<const Times> times, ClassCounts& counts) {
    counts.all.resize(groups.size());
    counts.events.resize(groups.size());
    std::size_t rank = 0;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        std::int32_t all = 0;
        std::int32_t events = 0;
        for (; rank < groups.end[g]; ++rank) {
            const std::uint32_t member = groups.member[rank];
            const std::int32_t here = times[member >> 1];
            all += here;
            events += here * static_cast<std::int32_t>(member & 1U);
        }
        counts.all[g] = all;
        counts.events[g] = events;
    }
}

double& score_at(std::span<double> scores, ClassScore score) {
    return scores[static_cast<std::size_t>(score)];
}

/// All scores but those of the calibration line.
void take_scores(const ClassGroups& groups, const ClassCounts& counts, std::span<double> scores) {
    std::uint64_t events = 0;
    std::uint64_t others = 0;
    std::uint64_t won_twice = 0;  // pairs in which the event has the higher probability, and one for a tie
    double precision = 0.0;
    double brier = 0.0;
    double log_loss = 0.0;
    double predicted = 0.0;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        const double p = groups.probability[g];
        const auto with = static_cast<std::uint64_t>(counts.events[g]);
        const auto without = static_cast<std::uint64_t>(counts.all[g] - counts.events[g]);
        won_twice += without * (2 * events + with);
        events += with;
        others += without;
        const auto weight_with = static_cast<double>(with);
        const auto weight_without = static_cast<double>(without);
        if (with > 0) {
            precision += weight_with * (static_cast<double>(events) / static_cast<double>(events + others));
        }
        brier += weight_with * ((1.0 - p) * (1.0 - p)) + weight_without * (p * p);
        log_loss += weight_with * groups.event_loss[g] + weight_without * groups.other_loss[g];
        predicted += counts.all[g] * p;
    }
    const auto count = static_cast<double>(events + others);
    const double pairs = 2.0 * static_cast<double>(events) * static_cast<double>(others);
    constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
    score_at(scores, ClassScore::auc) = pairs > 0.0 ? static_cast<double>(won_twice) / pairs : undefined;
    score_at(scores, ClassScore::average_precision) = events > 0 ? precision / static_cast<double>(events) : undefined;
    score_at(scores, ClassScore::brier) = brier / count;
    score_at(scores, ClassScore::log_loss) = log_loss / count;
    score_at(scores, ClassScore::mean_predicted) = predicted / count;
    score_at(scores, ClassScore::share_observed) = static_cast<double>(events) / count;
}

void take_line(CalibrationLine line, std::span<double> scores) {
    score_at(scores, ClassScore::calibration_slope) = line.slope;
    score_at(scores, ClassScore::calibration_intercept) = line.intercept;
}

/// Share of events with its interval.
void finish_group(CalibrationGroup& group, double predicted, double events) {
    const auto n = static_cast<double>(group.customers);
    const ShareInterval interval = wilson_interval(events, n);
    group.mean_predicted = predicted / n;
    group.share_observed = events / n;
    group.low = interval.low;
    group.high = interval.high;
}

/// Groups of equal probability go where their middle belongs.
std::vector<CalibrationGroup> calibration_curve(const ClassGroups& groups, const ClassCounts& counts) {
    const std::uint64_t customers = groups.member.size();
    std::vector<CalibrationGroup> curve;
    double predicted = 0.0;
    double events = 0.0;
    std::size_t current = calibration_groups;
    for (std::size_t g = groups.size(); g-- > 0;) {
        const std::uint64_t above = g == 0 ? 0 : groups.end[g - 1];
        const std::uint64_t below = customers - groups.end[g];
        const std::size_t at = calibration_groups * (customers - above + below) / (2 * customers);
        if (at != current || curve.empty()) {
            if (!curve.empty()) {
                finish_group(curve.back(), predicted, events);
            }
            curve.emplace_back();
            predicted = 0.0;
            events = 0.0;
            current = at;
        }
        curve.back().customers += static_cast<std::size_t>(counts.all[g]);
        predicted += counts.all[g] * groups.probability[g];
        events += counts.events[g];
    }
    finish_group(curve.back(), predicted, events);
    return curve;
}

void check_classes(std::span<const double> probability, std::span<const std::uint8_t> outcome,
                   std::span<const std::uint64_t> id_hash) {
    if (probability.size() != outcome.size() || probability.size() != id_hash.size()) {
        throw std::invalid_argument("probabilities, outcomes and ids are not of the same customers");
    }
    std::size_t events = 0;
    for (std::size_t row = 0; row < probability.size(); ++row) {
        if (!(probability[row] >= 0.0 && probability[row] <= 1.0)) {
            throw InputError(fmt::format("the probability of customer {} of {} is {}: it has to be from 0 to 1",
                                         row + 1, probability.size(), probability[row]));
        }
        if (outcome[row] > 1) {
            throw std::invalid_argument("an outcome is neither 0 nor 1");
        }
        events += outcome[row];
    }
    if (events == 0 || events == outcome.size()) {
        throw InputError(fmt::format(
            "the event came for {} of {} customers: AUC has no meaning without both kinds. Score more customers or a "
            "longer period",
            events, outcome.size()));
    }
}

}  // namespace

ClassScores score_probabilities(std::span<const double> probability, std::span<const std::uint8_t> outcome,
                                std::span<const std::uint64_t> id_hash, const BootstrapSettings& settings) {
    check_classes(probability, outcome, id_hash);
    const ClassGroups groups = class_groups(probability, outcome, rows_by_hash(id_hash));
    const std::size_t customers = probability.size();
    ClassCounts counts;
    count_classes(groups, std::vector<Times>(customers, 1), counts);
    std::vector<double> logits(groups.size());
    std::ranges::transform(groups.other_loss, groups.event_loss, logits.begin(), std::minus<>());
    const CalibrationFit fit(std::move(logits), counts);
    std::array<double, class_score_count> values{};
    take_scores(groups, counts, values);
    take_line(fit.line(), values);

    std::vector<ClassCounts> slots(static_cast<std::size_t>(thread_count(settings.threads)));
    const auto resampled =
        score_resamples(customers, class_score_count, settings,
                        [&](std::size_t slot, std::span<const Times> times, std::span<double> scores) {
                            count_classes(groups, times, slots[slot]);
                            take_scores(groups, slots[slot], scores);
                            take_line(fit.line_of(slots[slot]), scores);
                        });
    ClassScores scores;
    scores.customers = customers;
    for (std::size_t k = 0; k < class_score_count; ++k) {
        const auto& [name, unit] = class_score_names[k];
        scores.estimates[k] = bootstrap_estimate(name, unit, values[k], resampled[k]);
    }
    scores.calibration = calibration_curve(groups, counts);
    DecileSums deciles(customers);
    for (std::size_t g = 0; g < groups.size(); ++g) {
        scores.events += static_cast<std::size_t>(counts.events[g]);
        deciles.add(counts.all[g], counts.all[g] * groups.probability[g], counts.events[g]);
    }
    scores.deciles = deciles.deciles();
    return scores;
}

}  // namespace clv
