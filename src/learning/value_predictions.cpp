// What a ValueLearner says of customers, and why.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/random/elementary.hpp"
#include "value_models.hpp"

namespace clv {

namespace {

constexpr std::array<std::string_view, 5> model_names{"naive_rate", "purchase_model", "regression", "boosting",
                                                      "stack"};

std::size_t column_named(std::string_view name) {
    const std::vector<LearnedColumn> columns = value_columns(true);
    return static_cast<std::size_t>(std::ranges::find(columns, name, &LearnedColumn::name) - columns.begin());
}

/// Throws ConfigError where the model takes a purchase model and the matrix has none.
void check_matrix(ValueModel model, const FeatureMatrix& matrix, std::span<const std::uint64_t> id_hash) {
    const bool takes_purchase_model = model == ValueModel::purchase_model || model == ValueModel::stack;
    const bool has_purchase_model = matrix.columns == value_columns(true).size();
    if ((!has_purchase_model && matrix.columns != value_columns(false).size()) || matrix.rows != id_hash.size()) {
        throw std::invalid_argument("not a matrix that values are learned from");
    }
    if (takes_purchase_model && !has_purchase_model) {
        throw ConfigError(
            "what was learned stands on a purchase model, and there is none: name the model that it was learned with "
            "in input.model, or give fit.model to fit one");
    }
}

/// The ensembles of a model that is learned.
const ValueEnsembles& ensembles_of(const ValueLearner& learner, ValueModel model) {
    return model == ValueModel::stack ? learner.stacked : learner.alone;
}

const Ensemble& required(const std::optional<Ensemble>& ensemble) {
    if (!ensemble) {
        throw std::invalid_argument("the learner has no such model");
    }
    return *ensemble;
}

/// A part of a prediction that is learned, beside others of the same columns.
struct LearnedPart {
    const Ensemble* ensemble;
    FeatureMatrix matrix;
};

std::vector<LearnedPart> learned_parts(const ValueLearner& learner, ValueModel model, const FeatureMatrix& matrix) {
    const ValueEnsembles& ensembles = ensembles_of(learner, model);
    std::vector<LearnedPart> parts;
    const auto add = [&](const std::optional<Ensemble>& ensemble, bool takes_logarithms) {
        const Ensemble& part = required(ensemble);
        FeatureMatrix columns = first_columns(matrix, part.columns.size());
        parts.push_back({&part, takes_logarithms ? in_logarithms(std::move(columns)) : std::move(columns)});
    };
    if (model == ValueModel::regression || (model == ValueModel::stack && ensembles.regression)) {
        add(ensembles.regression, true);
    }
    if (model == ValueModel::boosting || (model == ValueModel::stack && (ensembles.boosting || parts.empty()))) {
        add(ensembles.boosting, false);
    }
    return parts;
}

/// A column of the matrix, so many times.
std::vector<double> scaled_column(const FeatureMatrix& matrix, std::string_view name, double factor) {
    const std::size_t column = column_named(name);
    std::vector<double> values;
    for (std::size_t row = 0; row < matrix.rows; ++row) {
        values.push_back(factor * static_cast<double>(matrix.row(row)[column]));
    }
    return values;
}

/// The purchase model's part of the stack.
std::vector<double> scaled_expectations(const ValueLearner& learner, const FeatureMatrix& matrix,
                                        std::span<const std::uint64_t> id_hash) {
    double mean = 0.0;
    for (const double factor : learner.purchase_model_factors) {
        mean += factor / static_cast<double>(learner.purchase_model_factors.size());
    }
    std::vector<double> values = scaled_column(matrix, "expected_value", 1.0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto fold = learner.trained.fold_of(id_hash[i]);
        values[i] *= fold ? learner.purchase_model_factors[*fold] : mean;
    }
    return values;
}

/// [part][customer] of a model that is learned; the purchase model's part of the stack is the last.
std::vector<std::vector<double>> predictions_of(const ValueLearner& learner, ValueModel model,
                                                const FeatureMatrix& matrix, std::span<const LearnedPart> parts,
                                                std::span<const std::uint64_t> id_hash, int threads) {
    std::vector<std::vector<double>> predictions;
    for (const LearnedPart& part : parts) {
        predictions.push_back(cross_fitted(*part.ensemble, learner.trained, part.matrix, id_hash, threads));
    }
    if (model == ValueModel::stack) {
        predictions.push_back(scaled_expectations(learner, matrix, id_hash));
    }
    return predictions;
}

/// What the purchase model's part of the stack adds: the logarithm of its expectation, less the mean over customers.
void add_purchase_model(const FeatureMatrix& matrix, std::span<const std::uint64_t> id_hash,
                        std::span<const double> shares, std::vector<float>& contributions) {
    const std::size_t column = column_named("expected_value");
    const std::vector<double> expected = scaled_column(matrix, "expected_value", 1.0);
    double sum = 0.0;
    double count = 0.0;
    for (const std::uint32_t row : rows_by_hash(id_hash)) {
        if (expected[row] > 0.0) {
            sum += elementary::log(expected[row]);
            count += 1.0;
        }
    }
    for (std::size_t row = 0; row < matrix.rows; ++row) {
        if (expected[row] > 0.0) {
            contributions[row * matrix.columns + column] +=
                static_cast<float>(shares[row] * (elementary::log(expected[row]) - sum / count));
        }
    }
}

}  // namespace

std::string_view to_string(ValueModel model) noexcept {
    return model_names[static_cast<std::size_t>(model)];
}

std::vector<double> predicted_values(const ValueLearner& learner, const FeatureMatrix& matrix,
                                     std::span<const std::uint64_t> id_hash, int threads) {
    return predicted_values(learner, learner.used, matrix, id_hash, threads);
}

std::vector<double> predicted_values(const ValueLearner& learner, ValueModel model, const FeatureMatrix& matrix,
                                     std::span<const std::uint64_t> id_hash, int threads) {
    check_matrix(model, matrix, id_hash);
    if (model == ValueModel::naive_rate) {
        return scaled_column(matrix, "revenue_rate", learner.window_days / days_per(learner.time_unit));
    }
    if (model == ValueModel::purchase_model) {
        return scaled_column(matrix, "expected_value", 1.0);
    }
    const std::vector<LearnedPart> parts = learned_parts(learner, model, matrix);
    const auto predictions = predictions_of(learner, model, matrix, parts, id_hash, threads);
    std::vector<double> mean(matrix.rows, 0.0);
    for (const std::vector<double>& of_part : predictions) {
        for (std::size_t i = 0; i < mean.size(); ++i) {
            mean[i] += of_part[i] / static_cast<double>(predictions.size());
        }
    }
    return mean;
}

std::vector<float> value_contributions(const ValueLearner& learner, ValueModel model, const FeatureMatrix& matrix,
                                       std::span<const std::uint64_t> id_hash, int threads) {
    check_matrix(model, matrix, id_hash);
    const std::vector<LearnedPart> parts = learned_parts(learner, model, matrix);
    if (parts.empty()) {
        throw std::invalid_argument("nothing of that model is learned");
    }
    const auto predictions = predictions_of(learner, model, matrix, parts, id_hash, threads);
    const auto share_of = [&](std::size_t part, std::size_t customer) {
        double sum = 0.0;
        for (const std::vector<double>& of_part : predictions) {
            sum += of_part[customer];
        }
        return sum > 0.0 ? predictions[part][customer] / sum : 1.0 / static_cast<double>(predictions.size());
    };
    const std::size_t columns = parts.front().ensemble->columns.size();
    std::vector<float> all(matrix.rows * columns);
    for (std::size_t part = 0; part < parts.size(); ++part) {
        const std::vector<float> of_part =
            cross_fitted_contributions(*parts[part].ensemble, learner.trained, parts[part].matrix, id_hash, threads);
        for (std::size_t i = 0; i < matrix.rows; ++i) {
            const double share = share_of(part, i);
            for (std::size_t k = i * columns; k < (i + 1) * columns; ++k) {
                all[k] += static_cast<float>(share * static_cast<double>(of_part[k]));
            }
        }
    }
    if (model == ValueModel::stack) {
        std::vector<double> shares;
        for (std::size_t i = 0; i < matrix.rows; ++i) {
            shares.push_back(share_of(parts.size(), i));
        }
        add_purchase_model(matrix, id_hash, shares, all);
    }
    return all;
}

PurchaseForecasts forecasts_for(const FittedModel& model, const PurchaseSummary& summary,
                                const PurchaseFeatures& features, int window_days) {
    PurchaseForecasts forecasts = forecasts_of(model, summary, window_days / days_per(model.purchase.model.time_unit));
    for (std::size_t i = 0; i < forecasts.spend.size() && !model.spend; ++i) {
        forecasts.spend[i] = features.revenue[i] / features.purchases[i];
    }
    return forecasts;
}

PredictedValues with_intervals(const ValueLearner& learner, std::vector<double> value, FeatureMatrix matrix) {
    PredictedValues predicted{std::move(value), {}, {}, std::move(matrix)};
    for (const double one : predicted.value) {
        const ValueInterval interval = interval_of(learner.bands, one);
        predicted.low.push_back(interval.low);
        predicted.high.push_back(interval.high);
    }
    return predicted;
}

PredictedValues predict_values(const ValueLearner& learner, const PurchaseSummary& summary,
                               const PurchaseFeatures& features, int threads) {
    if (summary.time_unit != learner.time_unit) {
        throw ConfigError(
            fmt::format("values were learned with times in {0}s, and fit.time_unit counts {1}s: set "
                        "fit.time_unit = \"{0}\"",
                        to_string(learner.time_unit), to_string(summary.time_unit)));
    }
    const PurchaseForecasts forecasts =
        learner.model ? forecasts_for(*learner.model, summary, features, learner.window_days) : PurchaseForecasts{};
    FeatureMatrix matrix = value_matrix({summary, features, PurchaseExpectations(forecasts)}, learner.first_cohort);
    std::vector<double> value = predicted_values(learner, matrix, summary.id_hash, threads);
    return with_intervals(learner, std::move(value), std::move(matrix));
}

const std::vector<LearnedColumn>& contributing_columns(const ValueLearner& learner, ValueModel model) {
    const ValueEnsembles& ensembles = ensembles_of(learner, model);
    return required(ensembles.regression ? ensembles.regression : ensembles.boosting).columns;
}

}  // namespace clv
