#include "clv/output/tables/value_writer.hpp"

#include <nlohmann/json.hpp>
#include <numeric>
#include <string>

#include "clv/learning/drivers.hpp"
#include "clv/output/tables/csv_table.hpp"
#include "clv/simulation/portfolio.hpp"
#include "learning_tables.hpp"

namespace clv {

namespace {

using nlohmann::ordered_json;

/// A prediction's place among all, with its row.
std::vector<std::size_t> rows_by_rank(const std::vector<std::uint32_t>& rank) {
    std::vector<std::size_t> rows(rank.size());
    for (std::size_t i = 0; i < rank.size(); ++i) {
        rows[rank[i] - 1] = i;
    }
    return rows;
}

ordered_json scores_json(const ValueScores& scores) {
    ordered_json object;
    for (const Estimate& score : scores.estimates) {
        object[score.name] = learned_estimate(score);
    }
    return object;
}

}  // namespace

void write_value_scores_csv(const std::filesystem::path& path, const ValueScoresTable& scores) {
    const std::vector<std::uint32_t> rank = rank_by_value(scores.predicted.value, scores.summary.customer_id);
    CsvWriter csv(path, scores_header({"value", "value_q05", "value_q95"}));
    for (std::size_t i = 0; i < rank.size(); ++i) {
        csv.cell(scores.summary.customer_id[i]);
        csv.cell(scores.predicted.value[i]);
        csv.cell(scores.predicted.low[i]);
        csv.cell(scores.predicted.high[i]);
        csv.cell(rank[i]);
        learned_fold(csv, scores.learner.trained, scores.summary.id_hash[i]);
        if (scores.outcome.empty()) {
            csv.empty_cell();
        } else {
            csv.cell(scores.outcome[i]);
        }
        const std::size_t columns = scores.columns.size();
        const std::vector<std::string> drivers =
            columns == 0 ? std::vector<std::string>{}
                         : drivers_of(scores.columns, scores.predicted.matrix.row(i).first(columns),
                                      scores.contributions.subspan(i * columns, columns), drivers_shown);
        learned_drivers(csv, drivers);
        csv.end_row();
    }
    csv.close();
}

void write_value_contributions_csv(const std::filesystem::path& path, const ValueScoresTable& scores) {
    learned_contributions(path, scores.summary.customer_id, scores.columns, scores.contributions);
}

void write_value_importance_csv(const std::filesystem::path& path, const ValueLearning& learning) {
    learned_importance(path, learning.importance, contributing_columns(learning.learner, learning.explained), {});
}

ordered_json value_quality_record(const ValueLearning& learning) {
    const ValueQuality& used = used_quality(learning);
    ordered_json record = scores_json(used.scores);
    record["algorithm"] = to_string(used.model);
    record["customers"] = used.scores.customers;
    record["folds"] = learning.learner.trained.folds();
    record["window_days"] = learning.learner.window_days;
    record["gain"] = learned_gain(used.scores.deciles, "mean_spent");
    record["compared_with"] = ordered_json::object();
    for (const ValueQuality& other : learning.models) {
        if (other.model != used.model) {
            record["compared_with"][std::string(to_string(other.model))] = scores_json(other.scores);
        }
    }
    return record;
}

void write_ranked_predictions_csv(const std::filesystem::path& path, const PurchaseSummary& summary,
                                  const PurchaseFeatures& features, const PredictedValues& predicted,
                                  std::span<const double> p_alive) {
    const std::vector<std::size_t> rows = rows_by_rank(rank_by_value(predicted.value, summary.customer_id));
    const auto in_order = [&](const auto& number) {
        std::vector<double> values;
        for (const std::size_t row : rows) {
            values.push_back(number(row));
        }
        return values;
    };
    IdColumn ids;
    std::vector<std::uint64_t> rank;
    for (const std::size_t row : rows) {
        ids.push_back(summary.customer_id[row]);
        rank.push_back(rank.size() + 1);
    }
    const auto value = in_order([&](std::size_t i) { return predicted.value[i]; });
    const auto low = in_order([&](std::size_t i) { return predicted.low[i]; });
    const auto high = in_order([&](std::size_t i) { return predicted.high[i]; });
    const auto revenue = in_order([&](std::size_t i) { return features.revenue[i]; });
    const auto purchases = in_order([&](std::size_t i) { return static_cast<double>(features.purchases[i]); });
    const auto since = in_order([&](std::size_t i) {
        const auto days = static_cast<double>((features.snapshot - features.last_day[i]).count());
        return days / days_per(features.time_unit);
    });
    const auto alive = p_alive.empty() ? std::vector<double>{} : in_order([&](std::size_t i) { return p_alive[i]; });
    std::vector<CsvColumn> columns{{"rank", rank},
                                   {"customer_id", IdRange{ids, 0, ids.size()}},
                                   {"predicted_value", value},
                                   {"value_q05", low},
                                   {"value_q95", high},
                                   {"revenue", revenue},
                                   {"purchases", purchases},
                                   {"since_last", since}};
    if (!alive.empty()) {
        columns.push_back({"p_alive", alive});
    }
    write_csv_table(path, "clv_ranked_predictions.csv", ids.size(), columns);
}

void write_clustered_customers_csv(const std::filesystem::path& path, const PurchaseSummary& summary,
                                   std::span<const double> predicted, const Segmentation& clusters) {
    std::vector<std::string> names;
    std::vector<std::uint32_t> rank;
    for (const CustomerSegment& cluster : clusters.segments) {
        names.push_back(cluster.name);
    }
    for (const std::uint32_t cluster : clusters.segment) {
        rank.push_back(cluster + 1);
    }
    const std::vector<CsvColumn> columns{{"customer_id", IdRange{summary.customer_id, 0, summary.size()}},
                                         {"predicted_value", predicted},
                                         {"cluster_rank", std::span<const std::uint32_t>(rank)},
                                         {"cluster", CodedTexts{clusters.segment, names}}};
    write_csv_table(path, "clv_clustered_customers.csv", summary.size(), columns);
}

}  // namespace clv
