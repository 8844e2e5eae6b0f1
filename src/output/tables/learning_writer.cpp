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
#include "row_columns.hpp"

namespace clv {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t drivers_shown = 3;

/// [customer]: 1 is the highest probability; ties by customer_id.
std::vector<std::uint32_t> ranks_of(const std::vector<double>& score, const IdColumn& ids) {
    std::vector<std::uint32_t> order(score.size());
    std::iota(order.begin(), order.end(), std::uint32_t{0});
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
        return score[a] != score[b] ? score[a] > score[b] : ids[a] < ids[b];
    });
    std::vector<std::uint32_t> rank(score.size());
    for (std::uint32_t k = 0; k < order.size(); ++k) {
        rank[order[k]] = k + 1;
    }
    return rank;
}

ordered_json number(double value) {
    return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

ordered_json as_json(const Estimate& estimate) {
    return {{"estimate", number(estimate.value)}, {"se", number(estimate.se)}, {"low", number(estimate.low)},
            {"high", number(estimate.high)},      {"unit", estimate.unit},     {"method", estimate.method}};
}

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

ordered_json gain_json(const std::vector<Decile>& deciles) {
    ordered_json list = ordered_json::array();
    for (const Decile& decile : deciles) {
        list.push_back({{"customers", decile.customers},
                        {"mean_predicted", decile.mean_predicted},
                        {"share_observed", decile.mean_actual},
                        {"lift", number(decile.lift)},
                        {"gain", number(decile.gain)}});
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
    const std::vector<std::uint32_t> rank = ranks_of(learning.probability, customers.customer_id);
    CsvWriter csv(path, column_names("scores.csv"));
    for (std::size_t i = 0; i < customers.size(); ++i) {
        csv.cell(customers.customer_id[i]);
        csv.cell(learning.probability[i]);
        csv.cell(rank[i]);
        if (const auto fold = learning.learner.trained.fold_of(customers.id_hash[i])) {
            csv.cell(*fold + 1);
        } else {
            csv.empty_cell();
        }
        if (learning.outcomes[i] == unknown_outcome) {
            csv.empty_cell();
        } else {
            csv.cell(static_cast<int>(learning.outcomes[i]));
        }
        const std::vector<std::string> drivers =
            drivers_of(churn.columns, matrix.row(i),
                       std::span(learning.contributions).subspan(i * matrix.columns, matrix.columns), drivers_shown);
        for (std::size_t k = 0; k < drivers_shown; ++k) {
            csv.cell(k < drivers.size() ? std::string_view(drivers[k]) : std::string_view());
        }
        csv.end_row();
    }
    csv.close();
}

void write_contributions_csv(const std::filesystem::path& path, const CustomerTable& customers,
                             const ChurnLearning& learning) {
    std::vector<std::string> header{"customer_id"};
    for (const LearnedColumn& column : learning.learner.churn.columns) {
        header.push_back(column.name);
    }
    const std::size_t columns = header.size() - 1;
    CsvWriter csv(path, header);
    for (std::size_t i = 0; i < customers.size(); ++i) {
        csv.cell(customers.customer_id[i]);
        for (std::size_t column = 0; column < columns; ++column) {
            csv.cell(static_cast<double>(learning.contributions[i * columns + column]));
        }
        csv.end_row();
    }
    csv.close();
}

void write_importance_csv(const std::filesystem::path& path, const ChurnLearning& learning) {
    std::vector<std::size_t> order(learning.importance.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](std::size_t column) { return learning.importance[column].value; });
    CsvWriter csv(path, column_names("importance.csv"));
    for (const std::size_t column : order) {
        const Estimate& importance = learning.importance[column];
        const LearnedColumn& learned = learning.learner.churn.columns[column];
        csv.cell(std::string_view(importance.name));
        csv.cell(std::string_view(learned.kind == FeatureKind::category ? "category" : "number"));
        csv.cell(importance.value);
        csv.cell(importance.se);
        csv.cell(importance.low);
        csv.cell(importance.high);
        csv.cell(std::string_view());
        csv.end_row();
    }
    for (const LeftOut& left_out : learning.learner.left_out) {
        csv.cell(std::string_view(left_out.column));
        for (int cell = 0; cell < 5; ++cell) {
            csv.empty_cell();
        }
        csv.cell(std::string_view(left_out.why));
        csv.end_row();
    }
    csv.close();
}

ordered_json quality_record(const ChurnLearning& learning) {
    ordered_json record;
    const LearnedQuality& used = learning.quality.front();
    for (const Estimate& score : used.scores.estimates) {
        record[score.name] = as_json(score);
    }
    for (const Estimate& score : learning.hazards) {
        record[score.name] = as_json(score);
    }
    record["algorithm"] = algorithm_name(used.algorithm);
    record["customers"] = used.scores.customers;
    record["events"] = used.scores.events;
    record["folds"] = learning.learner.trained.folds();
    record["calibration"] = calibration_json(used.scores.calibration);
    record["gain"] = gain_json(used.scores.deciles);
    record["compared_with"] = ordered_json::object();
    for (std::size_t k = 1; k < learning.quality.size(); ++k) {
        ordered_json& other = record["compared_with"][algorithm_name(learning.quality[k].algorithm)];
        for (const Estimate& score : learning.quality[k].scores.estimates) {
            other[score.name] = as_json(score);
        }
    }
    return record;
}

}  // namespace clv
