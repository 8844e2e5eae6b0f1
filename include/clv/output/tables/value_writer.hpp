#pragma once
// What was learned of values: scores.csv, importance.csv, contributions.csv and quality.json as for churn
// (learning_writer.hpp), and the files of the value pipeline. Functions throw OutputError and Interrupted.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

#include "clv/data/histories/purchase_history.hpp"
#include "clv/features/purchase_features.hpp"
#include "clv/learning/clusters/segmentation.hpp"
#include "clv/learning/learn_value.hpp"

namespace clv {

/// Predictions with what explains them.
struct ValueScoresTable {
    const PurchaseSummary& summary;
    const ValueLearner& learner;
    const PredictedValues& predicted;
    std::span<const double> outcome;         ///< currency in the window; empty: not known yet
    std::span<const LearnedColumn> columns;  ///< of contributions; empty: nothing learned explains them
    std::span<const float> contributions;    ///< [customer][column]
};

void write_value_scores_csv(const std::filesystem::path& path, const ValueScoresTable& scores);
void write_value_contributions_csv(const std::filesystem::path& path, const ValueScoresTable& scores);
void write_value_importance_csv(const std::filesystem::path& path, const ValueLearning& learning);

/// The content of quality.json. `snapshot`, `end`: days.
[[nodiscard]] nlohmann::ordered_json value_quality_record(const ValueLearning& learning);

/// clv_ranked_predictions.csv: the highest prediction first. `p_alive` is [customer]; empty: unknown.
void write_ranked_predictions_csv(const std::filesystem::path& path, const PurchaseSummary& summary,
                                  const PurchaseFeatures& features, const PredictedValues& predicted,
                                  std::span<const double> p_alive);

/// clv_clustered_customers.csv, in the order of the summary.
void write_clustered_customers_csv(const std::filesystem::path& path, const PurchaseSummary& summary,
                                   std::span<const double> predicted, const Segmentation& clusters);

}  // namespace clv
