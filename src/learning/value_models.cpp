#include "value_models.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "clv/core/parallel.hpp"
#include "clv/random/elementary.hpp"
#include "ensemble.hpp"

namespace clv {

namespace {

constexpr double tweedie_power = BoosterSettings{}.tweedie_power;
/// Means count in weights as if they were within e^-10 and e^10 of that of all customers.
constexpr double longest_score = 10.0;

TrainingRows rows_with_revenue(const ValueTask& task) {
    TrainingRows rows;
    for (const std::size_t row : task.rows) {
        rows.rows.push_back(row);
        rows.outcome.push_back(static_cast<float>(task.revenue[row]));
    }
    return rows;
}

/// Mean, and the dispersion phi of amounts with variance phi x mean^power where all have one mean, which is the unit.
struct Amounts {
    double mean;
    double dispersion;
};

Amounts measure(const std::vector<float>& amounts) {
    const auto count = static_cast<double>(amounts.size());
    double sum = 0.0;
    for (const float amount : amounts) {
        sum += static_cast<double>(amount);
    }
    const double mean = sum > 0.0 ? sum / count : 1.0;
    double squares = 0.0;
    for (const float amount : amounts) {
        const double offset = static_cast<double>(amount) / mean - 1.0;
        squares += offset * offset;
    }
    return {mean, squares > 0.0 ? squares / count : 1.0};
}

/// Ridge by Tweedie's quasi-likelihood: its equations are those of a Poisson regression with weights mean^(1 - power) /
/// dispersion, where the mean is that of the fit before. With its dispersion the likelihood weighs what it should
/// beside the penalty, whatever the currency.
AdditiveModel fit_amounts(const FeatureMatrix& matrix, std::span<const LearnedColumn> columns, TrainingRows rows) {
    constexpr int most_fits = 10;
    constexpr double settled = 0.02;
    const Amounts amounts = measure(rows.outcome);
    for (float& outcome : rows.outcome) {
        outcome = static_cast<float>(static_cast<double>(outcome) / amounts.mean);
    }
    rows.weight.assign(rows.size(), static_cast<float>(1.0 / amounts.dispersion));
    AdditiveModel model;
    double change = 1.0;
    for (int fit = 0; fit < most_fits && change > settled; ++fit) {
        model = fit_ridge(matrix, columns, rows, Family::poisson);
        const std::vector<double> scores = model.scores(matrix);
        change = 0.0;
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const double score = std::clamp(scores[rows.rows[k]], -longest_score, longest_score);
            const auto weight = static_cast<float>(elementary::exp((1.0 - tweedie_power) * score) / amounts.dispersion);
            change = std::max(change, std::abs(static_cast<double>(weight / rows.weight[k]) - 1.0));
            rows.weight[k] = weight;
        }
    }
    model.intercept += elementary::log(amounts.mean);
    return model;
}

std::vector<ScoreModel> regress(const ValueTask& task, const FeatureMatrix& matrix, Progress& progress) {
    const auto folds = static_cast<std::size_t>(task.settings.folds);
    const TrainingRows all = rows_with_revenue(task);
    std::vector<ScoreModel> models(folds);
    progress.begin("learning", folds);
    for_each_block(task.threads, folds, [&](std::size_t /*slot*/, std::size_t fold) {
        throw_if_interrupted();
        TrainingRows training;
        for (std::size_t k = 0; k < all.size(); ++k) {
            if (task.folds[k] != fold) {
                training.rows.push_back(all.rows[k]);
                training.outcome.push_back(all.outcome[k]);
            }
        }
        models[fold] = fit_amounts(matrix, task.columns, std::move(training));
        progress.advance(1);
    });
    progress.end();
    return models;
}

std::vector<ScoreModel> boost(const ValueTask& task, const FeatureMatrix& matrix, Progress& progress) {
    const LearningTask amounts{matrix,
                               task.id_hash,
                               Family::tweedie,
                               task.columns,
                               rows_with_revenue(task),
                               {task.folds.begin(), task.folds.end()},
                               task.settings,
                               task.threads};
    return std::move(fit_folds(amounts, LearnAlgorithm::boosting, progress).front().models);
}

/// A slope beside the factor would follow the few who spend most.
Ensemble calibrated(const ValueTask& task, const FeatureMatrix& matrix, std::vector<ScoreModel> models) {
    Ensemble ensemble{Family::tweedie, task.columns, std::move(models), {}, {}, {}};
    ensemble.calibrations.resize(ensemble.folds.size());
    const std::vector<double> raw = cross_fitted(ensemble, task.trained, matrix, task.id_hash, task.threads);
    const std::vector<double> factors = total_factors(task, raw);
    for (std::size_t fold = 0; fold < factors.size(); ++fold) {
        ensemble.calibrations[fold].intercept = elementary::log(factors[fold]);
        ensemble.calibration.intercept += ensemble.calibrations[fold].intercept / static_cast<double>(factors.size());
    }
    return ensemble;
}

}  // namespace

std::vector<double> total_factors(const ValueTask& task, std::span<const double> predicted) {
    struct Totals {
        double actual = 0.0;
        double predicted = 0.0;
    };
    std::vector<Totals> of_fold(static_cast<std::size_t>(task.settings.folds));
    for (std::size_t k = 0; k < task.rows.size(); ++k) {
        Totals& totals = of_fold[task.folds[k]];
        totals.actual += task.revenue[task.rows[k]];
        totals.predicted += predicted[task.rows[k]];
    }
    std::vector<double> factors;
    for (std::size_t fold = 0; fold < of_fold.size(); ++fold) {
        Totals others;
        for (std::size_t other = 0; other < of_fold.size(); ++other) {
            others.actual += other == fold ? 0.0 : of_fold[other].actual;
            others.predicted += other == fold ? 0.0 : of_fold[other].predicted;
        }
        const bool is_known = others.actual > 0.0 && others.predicted > 0.0;
        factors.push_back(is_known ? others.actual / others.predicted : 1.0);
    }
    return factors;
}

FeatureMatrix first_columns(const FeatureMatrix& matrix, std::size_t columns) {
    FeatureMatrix part{matrix.rows, columns, {}};
    part.values.reserve(part.rows * columns);
    for (std::size_t row = 0; row < matrix.rows; ++row) {
        const auto values = matrix.row(row).first(columns);
        part.values.insert(part.values.end(), values.begin(), values.end());
    }
    return part;
}

FeatureMatrix in_logarithms(FeatureMatrix matrix) {
    for (float& value : matrix.values) {
        if (!std::isnan(value)) {
            const auto size = static_cast<float>(elementary::log1p(std::abs(static_cast<double>(value))));
            value = std::copysign(size, value);
        }
    }
    return matrix;
}

ValueEnsembles fit_values(const ValueTask& task, Progress& progress) {
    const FeatureMatrix matrix = first_columns(task.matrix, task.columns.size());
    ValueEnsembles ensembles;
    if (task.settings.algorithm != LearnAlgorithm::boosting) {
        const FeatureMatrix logarithms = in_logarithms(matrix);
        ensembles.regression = calibrated(task, logarithms, regress(task, logarithms, progress));
    }
    if (task.settings.algorithm != LearnAlgorithm::logistic) {
        ensembles.boosting = calibrated(task, matrix, boost(task, matrix, progress));
    }
    return ensembles;
}

}  // namespace clv
