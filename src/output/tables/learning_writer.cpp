#include "clv/output/tables/learning_writer.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "clv/learning/drivers.hpp"
#include "clv/output/files.hpp"
#include "clv/output/tables/csv_writer.hpp"
#include "clv/simulation/portfolio.hpp"
#include "learning_tables.hpp"

namespace clv {

namespace {

using nlohmann::ordered_json;

ordered_json calibration_json(const std::vector<CalibrationGroup>& groups) {
    ordered_json list = ordered_json::array();
    for (const CalibrationGroup& group : groups) {
        list.push_back({{"customers", group.customers},
                        {"mean_predicted", group.mean_predicted},
                        {"share_observed", group.share_observed},
                        {"low", group.low},
                        {"high", group.high}});
    }
    return list;
}

}  // namespace

const char* algorithm_name(LearnAlgorithm algorithm) {
    return algorithm == LearnAlgorithm::boosting ? "boosting" : "logistic";
}

void write_scores_csv(const std::filesystem::path& path, const CustomerTable& customers,
                      const ChurnLearning& learning) {
    const Ensemble& churn = learning.learner.churn;
    const FeatureMatrix matrix = feature_matrix(customers, churn.columns);
    const std::vector<std::uint32_t> rank = rank_by_value(learning.probability, customers.customer_id);
    CsvWriter csv(path, scores_header({"probability"}));
    for (std::size_t i = 0; i < customers.size(); ++i) {
        csv.cell(customers.customer_id[i]);
        csv.cell(learning.probability[i]);
        csv.cell(rank[i]);
        learned_fold(csv, learning.learner.trained, customers.id_hash[i]);
        if (learning.outcomes[i] == unknown_outcome) {
            csv.empty_cell();
        } else {
            csv.cell(static_cast<int>(learning.outcomes[i]));
        }
        const std::vector<std::string> drivers =
            drivers_of(churn.columns, matrix.row(i),
                       std::span(learning.contributions).subspan(i * matrix.columns, matrix.columns), drivers_shown);
        learned_drivers(csv, drivers);
        csv.end_row();
    }
    csv.close();
}

void write_contributions_csv(const std::filesystem::path& path, const CustomerTable& customers,
                             const ChurnLearning& learning) {
    learned_contributions(path, customers.customer_id, learning.learner.churn.columns, learning.contributions);
}

void write_importance_csv(const std::filesystem::path& path, const ChurnLearning& learning) {
    learned_importance(path, learning.importance, learning.learner.churn.columns, learning.learner.left_out);
}

ordered_json quality_record(const ChurnLearning& learning) {
    ordered_json record;
    const LearnedQuality& used = learning.quality.front();
    for (const Estimate& score : used.scores.estimates) {
        record[score.name] = learned_estimate(score);
    }
    for (const Estimate& score : learning.hazards) {
        record[score.name] = learned_estimate(score);
    }
    record["algorithm"] = algorithm_name(used.algorithm);
    record["customers"] = used.scores.customers;
    record["events"] = used.scores.events;
    record["folds"] = learning.learner.trained.folds();
    record["calibration"] = calibration_json(used.scores.calibration);
    record["gain"] = learned_gain(used.scores.deciles, "share_observed");
    record["compared_with"] = ordered_json::object();
    for (std::size_t k = 1; k < learning.quality.size(); ++k) {
        ordered_json& other = record["compared_with"][algorithm_name(learning.quality[k].algorithm)];
        for (const Estimate& score : learning.quality[k].scores.estimates) {
            other[score.name] = learned_estimate(score);
        }
    }
    return record;
}

}  // namespace clv
