#include "clv/learning/learn_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "clv/core/errors.hpp"
#include "value_models.hpp"

namespace clv {

namespace {

constexpr std::size_t fewest_customers = 50;
constexpr std::size_t fewest_buyers = 10;
/// One customer with this share of the window's revenue decides what scores of money are.
constexpr double large_share = 0.1;

const HoldoutPurchases& require_holdout(const PurchaseHistory& history) {
    if (!history.holdout) {
        throw ConfigError(
            "nothing is held out, and values are learned from what customers spent after a snapshot: set "
            "learn.snapshot "
            "to the snapshot's day, with transactions that go on after it");
    }
    return *history.holdout;
}

void check_revenue(const PurchaseHistory& history, const HoldoutPurchases& holdout) {
    const std::size_t customers = history.summary.size();
    std::size_t buyers = 0;
    for (std::size_t i = 0; i < customers; ++i) {
        const double revenue = holdout.revenue[i];
        if (!std::isfinite(revenue) || revenue < 0.0) {
            throw InputError(fmt::format(
                "customer '{}' spent {} in the window after learn.snapshot: amounts are learned that are not negative; "
                "leave returns out (input.keep_returns, input.keep_cancellations)",
                history.summary.customer_id[i], revenue));
        }
        buyers += revenue > 0.0 ? 1 : 0;
    }
    const std::size_t days = holdout.daily.repeat_purchases.size();
    if (buyers == 0) {
        throw InputError(
            fmt::format("none of {} customers spent anything in the {} days after learn.snapshot: there is nothing to "
                        "learn; set learn.snapshot to an earlier day, or give transactions that go on for longer",
                        customers, days));
    }
    if (customers < fewest_customers || buyers < fewest_buyers) {
        throw ModelError(
            fmt::format("{} customers, {} of whom spent something in the {} days after learn.snapshot: at least {} and "
                        "{} are needed "
                        "to learn values and to judge what was learned; give more customers, or a longer window",
                        customers, buyers, days, fewest_customers, fewest_buyers));
    }
}

/// In the order of id hashes.
struct OrderedCustomers {
    std::vector<std::size_t> rows;
    std::vector<std::size_t> folds;
};

OrderedCustomers in_order(std::span<const std::uint64_t> id_hash, const TrainedCustomers& trained) {
    OrderedCustomers ordered;
    for (const std::uint32_t row : rows_by_hash(id_hash)) {
        ordered.rows.push_back(row);
        ordered.folds.push_back(trained.fold_of(id_hash[row]).value());
    }
    return ordered;
}

/// Fits whatever there is to fit; `task` has the matrix, and columns are filled in here.
void fit_learner(ValueTask task, bool has_purchase_model, ValueLearning& learning, Progress& progress) {
    ValueLearner& learner = learning.learner;
    task.columns = value_columns(false);
    learner.alone = fit_values(task, progress);
    if (!has_purchase_model) {
        learning.notes.emplace_back(
            "there is no purchase model to compare with and to stack on: give fit.model and fit.spend_model");
        return;
    }
    learner.purchase_model_factors = total_factors(
        task, predicted_values(learner, ValueModel::purchase_model, task.matrix, task.id_hash, task.threads));
    task.columns = value_columns(true);
    learner.stacked = fit_values(task, progress);
}

std::vector<ValueModel> models_of(const ValueLearner& learner) {
    const bool has_purchase_model = !learner.purchase_model_factors.empty();
    std::vector<ValueModel> models{ValueModel::naive_rate};
    const auto add = [&](ValueModel model, bool is_there) {
        if (is_there) {
            models.push_back(model);
        }
    };
    add(ValueModel::purchase_model, has_purchase_model);
    add(ValueModel::regression, learner.alone.regression.has_value());
    add(ValueModel::boosting, learner.alone.boosting.has_value());
    add(ValueModel::stack, has_purchase_model);
    return models;
}

double gini_of(const ValueQuality& quality) {
    return quality.scores[ValueScore::gini].value;
}

/// The highest Gini, of equal ones that of the simplest model.
ValueModel best_of(const std::vector<ValueQuality>& models, bool learned_alone) {
    const ValueQuality* best = nullptr;
    for (const ValueQuality& quality : models) {
        if ((is_learned(quality.model) || !learned_alone) && (best == nullptr || gini_of(quality) > gini_of(*best))) {
            best = &quality;
        }
    }
    return best->model;
}

void judge(const ValueTask& task, ValueLearning& learning) {
    for (const ValueModel model : models_of(learning.learner)) {
        ValueQuality quality{model, {}, {}};
        quality.predicted = predicted_values(learning.learner, model, task.matrix, task.id_hash, task.threads);
        quality.scores = score_predictions(quality.predicted, task.revenue, task.id_hash,
                                           {.seed = task.settings.seed, .threads = task.threads});
        learning.models.push_back(std::move(quality));
    }
    learning.learner.used = best_of(learning.models, false);
    learning.explained = best_of(learning.models, true);
}

std::vector<Estimate> importance_of(const std::vector<LearnedColumn>& columns, const std::vector<float>& contributions,
                                    std::span<const std::size_t> rows) {
    const auto count = static_cast<double>(rows.size());
    std::vector<Estimate> all;
    for (std::size_t column = 0; column < columns.size(); ++column) {
        double sum = 0.0;
        double squares = 0.0;
        for (const std::size_t row : rows) {
            const double size = std::abs(static_cast<double>(contributions[row * columns.size() + column]));
            sum += size;
            squares += size * size;
        }
        const double mean = sum / count;
        const double se = std::sqrt(std::max(0.0, squares / count - mean * mean) / count);
        all.push_back({columns[column].name, "log value", mean, se, mean - 1.96 * se, mean + 1.96 * se,
                       "mean absolute contribution over customers"});
    }
    return all;
}

void add_messages(const ValueTask& task, ValueLearning& learning) {
    const ValueModel used = learning.learner.used;
    for (const ValueQuality& quality : learning.models) {
        if (quality.model == used) {
            const Estimate& gini = quality.scores[ValueScore::gini];
            learning.notes.push_back(
                fmt::format("{} is used: of {} models it orders customers that it has not seen best, with a normalised "
                            "Gini of {:.3f} (standard error {:.3f})",
                            to_string(used), learning.models.size(), gini.value, gini.se));
        }
    }
    if (!is_learned(used)) {
        learning.warnings.push_back(fmt::format(
            "nothing that was learned orders customers better than {}: more customers, or a longer window, may help",
            to_string(used)));
    }
    double total = 0.0;
    double largest = 0.0;
    for (const std::size_t row : task.rows) {
        total += task.revenue[row];
        largest = std::max(largest, task.revenue[row]);
    }
    if (largest > large_share * total) {
        learning.warnings.push_back(
            fmt::format("one customer has {:.0f}% of the window's revenue: R2, RMSE, Gini and the total hinge on it",
                        100.0 * largest / total));
    }
}

}  // namespace

const ValueQuality& used_quality(const ValueLearning& learning) {
    return *std::ranges::find(learning.models, learning.learner.used, &ValueQuality::model);
}

ValueLearning learn_value(const PurchaseHistory& history, const PurchaseFeatures& features,
                          const PurchaseExpectations& expected, const LearnSettings& settings, int threads,
                          Progress& progress, std::optional<FittedModel> model) {
    const HoldoutPurchases& holdout = require_holdout(history);
    check_revenue(history, holdout);
    const std::vector<std::uint64_t>& id_hash = history.summary.id_hash;
    ValueLearning learning;
    ValueLearner& learner = learning.learner;
    learner.time_unit = history.summary.time_unit;
    learner.window_days = static_cast<int>(holdout.daily.repeat_purchases.size());
    learner.first_cohort = first_cohort(features);
    learner.trained = TrainedCustomers(id_hash, settings.folds, settings.seed);
    learning.matrix = value_matrix({history.summary, features, expected}, learner.first_cohort);
    const OrderedCustomers ordered = in_order(id_hash, learner.trained);
    const ValueTask task{learning.matrix, {},       id_hash, holdout.revenue, ordered.rows, ordered.folds,
                         learner.trained, settings, threads};
    fit_learner(task, !expected.empty(), learning, progress);
    judge(task, learning);
    learner.bands = value_bands(used_quality(learning).predicted, holdout.revenue, id_hash);
    learner.model = std::move(model);
    learning.contributions = value_contributions(learner, learning.explained, learning.matrix, id_hash, threads);
    learning.importance =
        importance_of(contributing_columns(learner, learning.explained), learning.contributions, ordered.rows);
    add_messages(task, learning);
    return learning;
}

}  // namespace clv
