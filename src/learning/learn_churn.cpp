#include "clv/learning/learn_churn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/risk/resampled.hpp"
#include "ensemble.hpp"
#include "lived.hpp"
#include "tenure_columns.hpp"

namespace clv {

namespace {

constexpr std::size_t fewest_of_outcome = 10;  ///< customers

/// Rows whose outcome is known, in the order of their id hashes.
std::vector<std::size_t> known_rows(const Outcomes& outcomes, std::span<const std::uint64_t> id_hash) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (outcomes[i] != unknown_outcome) {
            rows.push_back(i);
        }
    }
    std::ranges::sort(rows, {}, [&](std::size_t row) { return id_hash[row]; });
    return rows;
}

void check_outcomes(const Outcomes& outcomes, std::span<const std::size_t> rows, const LearnSettings& settings) {
    const auto yes =
        static_cast<std::size_t>(std::ranges::count_if(rows, [&](std::size_t row) { return outcomes[row] == 1; }));
    if (rows.empty()) {
        throw InputError(
            fmt::format("nobody's outcome is known (customers, column {}): every cell is blank; name the "
                        "column that says who has churned in learn.target_column",
                        settings.target_column));
    }
    if (yes == 0 || yes == rows.size()) {
        throw InputError(fmt::format(
            "{} of {} customers have churned (customers, column {}): there is nothing to tell apart; give customers "
            "of both kinds, or say which value means yes in learn.positive",
            yes == 0 ? "none" : "all", rows.size(), settings.target_column));
    }
    if (std::min(yes, rows.size() - yes) < fewest_of_outcome) {
        throw ModelError(fmt::format(
            "{} of {} customers have churned (customers, column {}): at least {} of either kind are needed to learn "
            "and to judge what was learned; give more customers, or a longer window",
            yes, rows.size(), settings.target_column, fewest_of_outcome));
    }
}

void check_settings(const LearnSettings& settings) {
    if (settings.bootstraps % 16 != 0) {
        throw ConfigError(fmt::format(
            "{} bootstrap models (learn.bootstraps): give a multiple of 16, since paths come in 16 replicates",
            settings.bootstraps));
    }
}

TrainingRows training_rows(const Outcomes& outcomes, std::vector<std::size_t> rows) {
    TrainingRows training;
    for (const std::size_t row : rows) {
        training.outcome.push_back(static_cast<float>(outcomes[row]));
    }
    training.rows = std::move(rows);
    return training;
}

std::vector<std::size_t> folds_of(const TrainedCustomers& trained, std::span<const std::size_t> rows,
                                  std::span<const std::uint64_t> id_hash) {
    std::vector<std::size_t> folds;
    for (const std::size_t row : rows) {
        folds.push_back(trained.fold_of(id_hash[row]).value());
    }
    return folds;
}

LearnedQuality quality_of(const LearningTask& task, const OutOfFold& found, std::span<const std::uint64_t> id_hash) {
    std::vector<double> probability;
    std::vector<std::uint8_t> outcome;
    std::vector<std::uint64_t> ids;
    for (std::size_t i = 0; i < task.rows.size(); ++i) {
        probability.push_back(mean_at(task.family, found.scores[i]));
        outcome.push_back(task.rows.outcome[i] > 0.5F ? 1 : 0);
        ids.push_back(id_hash[task.rows.rows[i]]);
    }
    return {found.algorithm,
            score_probabilities(probability, outcome, ids, {.seed = task.settings.seed, .threads = task.threads})};
}

/// Whether hazards are learned by tenure, which is known then.
bool learns_by_tenure(const LearnSettings& settings, bool has_tenure) {
    if (settings.hazard == HazardFrom::tenure && !has_tenure) {
        throw InputError(
            "learn.hazards_from = \"tenure\" needs the months as a customer (customers: tenure_months): name their "
            "column in "
            "input.columns.tenure_months or learn.time_column, or leave learn.hazards_from out");
    }
    return settings.hazard ? *settings.hazard == HazardFrom::tenure : has_tenure && !settings.window_months;
}

/// What was lived through by who has lived at all, in the order of id hashes.
struct LivedRows {
    TrainingRows rows;
    std::vector<Lived> lived;
};

LivedRows lived_rows(const CustomerTable& customers, const Outcomes& outcomes, std::span<const std::size_t> rows,
                     const std::vector<double>& tenure) {
    LivedRows all;
    for (const std::size_t row : rows) {
        const double from = customers.observed_from_months.empty() ? 0.0 : customers.observed_from_months[row];
        const Lived lived = lived_through(from, tenure[row], outcomes[row] == 1);
        if (lived.until > lived.from) {
            all.rows.rows.push_back(row);
            all.rows.outcome.push_back(lived.left ? 1.0F : 0.0F);
            all.lived.push_back(lived);
        }
    }
    return all;
}

/// log of what a customer of rate 1 was expected to lose.
std::vector<float> offsets(const BaselineHazard& baseline, std::span<const Lived> lived) {
    std::vector<float> logs;
    for (const Lived& one : lived) {
        logs.push_back(static_cast<float>(std::log(std::max(cumulative(baseline, one), 1e-9))));
    }
    return logs;
}

std::vector<double> rates(const std::vector<double>& scores) {
    std::vector<double> all;
    for (const double score : scores) {
        all.push_back(mean_at(Family::poisson, score));
    }
    return all;
}

/// Expected over observed events, out of fold, and its error where events are Poisson.
std::vector<Estimate> hazard_quality(const LearningTask& task, const OutOfFold& found) {
    double expected = 0.0;
    double observed = 0.0;
    for (std::size_t i = 0; i < task.rows.size(); ++i) {
        expected += mean_at(Family::poisson, found.scores[i] + static_cast<double>(task.rows.offset[i]));
        observed += static_cast<double>(task.rows.outcome[i]);
    }
    const double ratio = expected / observed;
    const double se = ratio / std::sqrt(observed);
    return {{"hazard_expected_over_observed", "ratio", ratio, se, ratio - 1.96 * se, ratio + 1.96 * se,
             "out of fold, Poisson"}};
}

/// Rates by attributes over hazards by tenure: fitted in turn, the baseline once more where rates are known.
void learn_rates(const CustomerTable& customers, std::vector<std::size_t> known, const std::vector<double>& tenure,
                 const LearnSettings& settings, int threads, Progress& progress, ChurnLearning& learning) {
    Learner& learner = learning.learner;
    const LivedRows all = lived_rows(customers, learning.outcomes, known, tenure);
    std::vector<LeftOut> with_tenure;
    const std::vector<LearnedColumn> columns =
        columns_besides_tenure(customers, learner.churn.columns, tenure, settings, with_tenure);
    for (const LeftOut& left_out : with_tenure) {
        learning.notes.push_back(
            fmt::format("{} {}: hazards by tenure are learned without it", left_out.column, left_out.why));
    }
    const FeatureMatrix matrix = feature_matrix(customers, columns);
    LearningTask task{matrix,          customers.id_hash,
                      Family::poisson, columns,
                      all.rows,        folds_of(learner.trained, all.rows.rows, customers.id_hash),
                      settings,        threads};
    learner.baseline = baseline_hazard(all.lived, std::vector<double>(all.lived.size(), 1.0));
    task.rows.offset = offsets(learner.baseline, all.lived);
    learner.baseline =
        baseline_hazard(all.lived, rates(fit_folds(task, LearnAlgorithm::logistic, progress).front().scores));
    task.rows.offset = offsets(learner.baseline, all.lived);
    std::vector<OutOfFold> found = fit_folds(task, settings.algorithm, progress);
    learning.hazards = hazard_quality(task, found.front());
    learner.baseline = baseline_hazard(all.lived, rates(found.front().scores));
    learner.rate =
        fit_ensemble(task, std::move(found.front()), static_cast<std::size_t>(settings.bootstraps), progress);
}

/// Summed in an order of its own, so that the order of rows does not show.
std::vector<Estimate> importance_of(const Ensemble& ensemble, const std::vector<float>& contributions,
                                    std::span<const std::uint64_t> id_hash) {
    const std::size_t columns = ensemble.columns.size();
    const std::vector<std::uint32_t> rows = rows_by_hash(id_hash);
    std::vector<Estimate> all;
    for (std::size_t column = 0; column < columns; ++column) {
        double sum = 0.0;
        double squares = 0.0;
        for (const std::uint32_t row : rows) {
            const double size = std::abs(static_cast<double>(contributions[row * columns + column]));
            sum += size;
            squares += size * size;
        }
        const auto n = static_cast<double>(rows.size());
        const double mean = sum / n;
        const double se = std::sqrt(std::max(0.0, squares / n - mean * mean) / n);
        all.push_back({ensemble.columns[column].name, "log odds", mean, se, mean - 1.96 * se, mean + 1.96 * se,
                       "mean absolute contribution over customers"});
    }
    return all;
}

}  // namespace

ChurnLearning learn_churn(const CustomerTable& customers, const LearnSettings& settings, int threads,
                          Progress& progress) {
    check_settings(settings);
    ChurnLearning learning;
    learning.outcomes = churn_outcomes(customers, settings);
    std::vector<std::size_t> known = known_rows(learning.outcomes, customers.id_hash);
    check_outcomes(learning.outcomes, known, settings);
    const std::vector<double> tenure = tenures(customers, settings.time_column);
    const bool by_tenure = learns_by_tenure(settings, !tenure.empty());

    Learner& learner = learning.learner;
    learner.target_column = settings.target_column;
    learner.positive = settings.positive;
    learner.time_column = settings.time_column;
    learner.window_months = settings.window_months.value_or(1);
    const std::vector<LearnedColumn> columns =
        learned_columns(customers, learning.outcomes, settings, learner.left_out);
    for (const LeftOut& left_out : learner.left_out) {
        (left_out.is_warning ? learning.warnings : learning.notes)
            .push_back(fmt::format("{} is not learned from: it {}", left_out.column, left_out.why));
    }
    std::vector<std::uint64_t> ids;
    for (const std::size_t row : known) {
        ids.push_back(customers.id_hash[row]);
    }
    learner.trained = TrainedCustomers(std::move(ids), settings.folds, settings.seed);
    const FeatureMatrix matrix = feature_matrix(customers, columns);
    LearningTask task{matrix,
                      customers.id_hash,
                      Family::bernoulli,
                      columns,
                      training_rows(learning.outcomes, known),
                      folds_of(learner.trained, known, customers.id_hash),
                      settings,
                      threads};
    std::vector<OutOfFold> found = fit_folds(task, settings.algorithm, progress);
    for (const OutOfFold& kind : found) {
        learning.quality.push_back(quality_of(task, kind, customers.id_hash));
    }
    // where hazards are by tenure their models tell the spread
    const std::size_t resamples = by_tenure ? 0 : static_cast<std::size_t>(settings.bootstraps);
    learner.churn = fit_ensemble(task, std::move(found.front()), resamples, progress);
    learning.probability = cross_fitted(learner.churn, learner.trained, matrix, customers.id_hash, threads);
    learning.contributions =
        cross_fitted_contributions(learner.churn, learner.trained, matrix, customers.id_hash, threads);
    learning.importance = importance_of(learner.churn, learning.contributions, customers.id_hash);
    if (by_tenure) {
        learn_rates(customers, std::move(known), tenure, settings, threads, progress, learning);
    }
    return learning;
}

ChurnLearning score_churn(Learner learner, const CustomerTable& customers, int threads) {
    ChurnLearning learning;
    learning.outcomes.assign(customers.size(), unknown_outcome);
    if (has_column(customers, learner.target_column)) {
        LearnSettings settings;
        settings.target_column = learner.target_column;
        settings.positive = learner.positive;
        learning.outcomes = churn_outcomes(customers, settings);
    }
    const FeatureMatrix matrix = feature_matrix(customers, learner.churn.columns);
    learning.probability = cross_fitted(learner.churn, learner.trained, matrix, customers.id_hash, threads);
    learning.contributions =
        cross_fitted_contributions(learner.churn, learner.trained, matrix, customers.id_hash, threads);
    learning.learner = std::move(learner);
    return learning;
}

}  // namespace clv
