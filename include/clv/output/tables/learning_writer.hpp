#pragma once
// scores.csv, importance.csv and quality.json: what was learned, and what it is worth. Functions throw OutputError and
// Interrupted.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "clv/data/tables/customer_table.hpp"
#include "clv/learning/learn_churn.hpp"

namespace clv {

/// `customers` are those that were learned from.
void write_scores_csv(const std::filesystem::path& path, const CustomerTable& customers, const ChurnLearning& learning);

/// contributions.csv: what every column adds to the score of every customer.
void write_contributions_csv(const std::filesystem::path& path, const CustomerTable& customers,
                             const ChurnLearning& learning);

void write_importance_csv(const std::filesystem::path& path, const ChurnLearning& learning);

/// The content of quality.json.
[[nodiscard]] nlohmann::ordered_json quality_record(const ChurnLearning& learning);

/// "boosting", "logistic".
[[nodiscard]] const char* algorithm_name(LearnAlgorithm algorithm);

}  // namespace clv
