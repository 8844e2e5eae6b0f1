#include "clv/risk/value_scores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"

namespace clv {

namespace {

constexpr std::array<std::string_view, value_score_count> value_score_names{
    "r2", "rmse", "mae", "spearman", "gini", "top_decile_capture", "total_ratio"};

/// What no resample changes.
struct ValueRows {
    std::vector<double> predicted;            ///< [place]
    std::vector<double> actual;               ///< [place]
    std::vector<std::uint32_t> actual_group;  ///< [place]: of equal actual values, from the highest
    std::vector<double> group_value;          ///< [group of actual values]
    Ranking by_predicted;
    std::vector<double> ranked_actual;               ///< [rank by prediction]
    std::vector<std::uint32_t> ranked_actual_group;  ///< [rank by prediction]
    double mean_actual = 0.0;

    [[nodiscard]] std::size_t size() const noexcept { return actual.size(); }
};

ValueRows value_rows(std::span<const double> predicted, std::span<const double> actual,
                     std::span<const std::uint32_t> rows) {
    ValueRows values;
    double sum = 0.0;
    for (const std::uint32_t row : rows) {
        values.predicted.push_back(predicted[row]);
        values.actual.push_back(actual[row]);
        sum += actual[row];
    }
    values.mean_actual = sum / static_cast<double>(rows.size());
    const Ranking by_actual = ranking_of(values.actual);
    values.actual_group.resize(rows.size());
    std::uint32_t rank = 0;
    for (const std::uint32_t end : by_actual.end) {
        const auto group = static_cast<std::uint32_t>(values.group_value.size());
        values.group_value.push_back(values.actual[by_actual.place[rank]]);
        for (; rank < end; ++rank) {
            values.actual_group[by_actual.place[rank]] = group;
        }
    }
    values.by_predicted = ranking_of(values.predicted);
    for (const std::uint32_t place : values.by_predicted.place) {
        values.ranked_actual.push_back(values.actual[place]);
        values.ranked_actual_group.push_back(values.actual_group[place]);
    }
    return values;
}

/// What a thread needs for a resample.
struct ValueSlot {
    std::vector<std::uint32_t> count;  ///< [group of actual values]
    std::vector<double> rank;          ///< [group of actual values]: mean rank less the mean of all ranks
};

double& score_at(std::span<double> scores, ValueScore score) {
    return scores[static_cast<std::size_t>(score)];
}

/// Errors and totals, and how often each actual value is there.
void take_errors(const ValueRows& values, std::span<const Times> times, std::vector<std::uint32_t>& group_count,
                 std::span<double> scores) {
    group_count.assign(values.group_value.size(), 0);
    double squared_errors = 0.0;
    double absolute_errors = 0.0;
    double offsets = 0.0;
    double squared_offsets = 0.0;
    double predicted = 0.0;
    double actual = 0.0;
    for (std::size_t place = 0; place < values.size(); ++place) {
        const double weight = times[place];
        const double error = values.predicted[place] - values.actual[place];
        const double offset = values.actual[place] - values.mean_actual;  // or their squares would cancel
        squared_errors += weight * (error * error);
        absolute_errors += weight * std::abs(error);
        offsets += weight * offset;
        squared_offsets += weight * (offset * offset);
        predicted += weight * values.predicted[place];
        actual += weight * values.actual[place];
        group_count[values.actual_group[place]] += times[place];
    }
    const auto count = static_cast<double>(values.size());
    score_at(scores, ValueScore::r2) = 1.0 - squared_errors / (squared_offsets - offsets * offsets / count);
    score_at(scores, ValueScore::rmse) = std::sqrt(squared_errors / count);
    score_at(scores, ValueScore::mae) = absolute_errors / count;
    score_at(scores, ValueScore::total_ratio) =
        actual > 0.0 ? predicted / actual : std::numeric_limits<double>::quiet_NaN();
}

/// Sums over the ranks of actual values.
struct RankSums {
    double squares = 0.0;     ///< of the ranks; exactly 0 where all values are equal
    double with_value = 0.0;  ///< of rank times value
};

/// Ranks count from the highest value, less the mean of all: where `above` customers stand before `count` equal ones,
/// their mean rank is above + (count + 1) / 2, and that of all is (customers + 1) / 2.
double centred_rank(double above, double count, double customers) {
    return above + 0.5 * (count - customers);
}

RankSums rank_actual(const ValueRows& values, ValueSlot& slot) {
    const auto customers = static_cast<double>(values.size());
    slot.rank.resize(slot.count.size());
    RankSums sums;
    double above = 0.0;
    for (std::size_t group = 0; group < slot.count.size(); ++group) {
        const auto count = static_cast<double>(slot.count[group]);
        const double rank = centred_rank(above, count, customers);
        slot.rank[group] = rank;
        sums.squares += count * rank * rank;
        sums.with_value += count * rank * (values.group_value[group] - values.mean_actual);
        above += count;
    }
    return sums;
}

/// Scores of the order.
void take_order(const ValueRows& values, std::span<const Times> times, const RankSums& of_actual,
                const std::vector<double>& actual_rank, std::span<double> scores) {
    const auto customers = static_cast<double>(values.size());
    const double head = 0.1 * customers;
    double above = 0.0;
    double total = 0.0;
    double captured = 0.0;
    double squares = 0.0;
    double products = 0.0;
    double with_value = 0.0;
    std::size_t at = 0;
    for (const std::uint32_t end : values.by_predicted.end) {
        double count = 0.0;
        double actual = 0.0;
        double actual_ranks = 0.0;
        for (; at < end; ++at) {
            const double weight = times[values.by_predicted.place[at]];
            count += weight;
            actual += weight * values.ranked_actual[at];
            actual_ranks += weight * actual_rank[values.ranked_actual_group[at]];
        }
        const double rank = centred_rank(above, count, customers);
        squares += count * rank * rank;
        products += rank * actual_ranks;
        with_value += rank * (actual - count * values.mean_actual);
        total += actual;
        if (above < head && count > 0.0) {
            captured += actual * std::min(1.0, (head - above) / count);
        }
        above += count;
    }
    constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
    const bool has_order = of_actual.squares > 0.0;
    score_at(scores, ValueScore::spearman) =
        has_order && squares > 0.0 ? products / (std::sqrt(squares) * std::sqrt(of_actual.squares)) : undefined;
    score_at(scores, ValueScore::gini) = has_order ? with_value / of_actual.with_value : undefined;
    score_at(scores, ValueScore::top_decile_capture) = total > 0.0 ? captured / total : undefined;
    if (!has_order) {
        score_at(scores, ValueScore::r2) = undefined;
    }
}

void take_scores(const ValueRows& values, std::span<const Times> times, ValueSlot& slot, std::span<double> scores) {
    take_errors(values, times, slot.count, scores);
    const RankSums of_actual = rank_actual(values, slot);
    take_order(values, times, of_actual, slot.rank, scores);
}

void check_values(std::span<const double> predicted, std::span<const double> actual,
                  std::span<const std::uint64_t> id_hash) {
    if (predicted.size() != actual.size() || predicted.size() != id_hash.size()) {
        throw std::invalid_argument("predictions, actual values and ids are not of the same customers");
    }
    for (std::size_t row = 0; row < predicted.size(); ++row) {
        if (!std::isfinite(predicted[row]) || !std::isfinite(actual[row])) {
            throw InputError(
                fmt::format("customer {} of {} has predicted value {} and actual value {}: both have to be "
                            "finite",
                            row + 1, predicted.size(), predicted[row], actual[row]));
        }
    }
    if (std::ranges::all_of(actual, [&](double value) { return value == actual.front(); })) {
        throw InputError(fmt::format(
            "the actual values of all {} customers are equal: there is nothing to explain or to order. Score "
            "more customers or a longer period",
            actual.size()));
    }
}

}  // namespace

ValueScores score_predictions(std::span<const double> predicted, std::span<const double> actual,
                              std::span<const std::uint64_t> id_hash, const BootstrapSettings& settings,
                              std::string_view unit) {
    check_values(predicted, actual, id_hash);
    const ValueRows values = value_rows(predicted, actual, rows_by_hash(id_hash));
    std::array<double, value_score_count> of_all{};
    ValueSlot slot_of_all;
    take_scores(values, std::vector<Times>(values.size(), 1), slot_of_all, of_all);

    std::vector<ValueSlot> slots(static_cast<std::size_t>(thread_count(settings.threads)));
    const auto resampled =
        score_resamples(values.size(), value_score_count, settings,
                        [&](std::size_t slot, std::span<const Times> times, std::span<double> scores) {
                            take_scores(values, times, slots[slot], scores);
                        });
    ValueScores scores;
    scores.customers = values.size();
    for (std::size_t k = 0; k < value_score_count; ++k) {
        const auto score = static_cast<ValueScore>(k);
        const bool is_value = score == ValueScore::rmse || score == ValueScore::mae;
        const std::string_view of_score = is_value ? unit : score == ValueScore::top_decile_capture ? "share" : "";
        scores.estimates[k] = bootstrap_estimate(value_score_names[k], of_score, of_all[k], resampled[k]);
    }
    DecileSums deciles(values.size());
    std::uint32_t at = 0;
    for (const std::uint32_t end : values.by_predicted.end) {
        const auto count = static_cast<double>(end - at);
        double of_actual = 0.0;
        const double of_predicted = count * values.predicted[values.by_predicted.place[at]];
        for (; at < end; ++at) {
            of_actual += values.ranked_actual[at];
        }
        deciles.add(count, of_predicted, of_actual);
    }
    scores.deciles = deciles.deciles();
    return scores;
}

}  // namespace clv
