#pragma once
// What customers without a contract will spend in the window after a snapshot, learned from what they did up to it.
//
//   naive_rate      revenue so far over the time since the first purchase, continued
//   purchase_model  expected purchases x expected spend of each, as a purchase model has them
//   regression      ridge, of the logarithm of the mean on sign(x) log(1 + |x|) of every feature x
//   boosting        trees, of the logarithm of the mean on the features
//   stack           the mean of a regression and of trees that have the purchase model's expectations among their
//                   features, and of purchase_model itself
//
//   Likelihood      Tweedie, variance in proportion to mean^1.5: amounts, most of them 0. The regression has its
//                   quasi-likelihood, by Poisson fits whose weights are mean^-0.5.
//   Calibration     What is learned, and purchase_model in the stack, is multiplied by one factor per fold that makes
//                   the totals of the other folds right.
//   Mean            All parts of the stack weigh the same: weights that are estimated follow the few customers who
//                   spend most, and order the others worse.
//
//   Citation    Jorgensen, "Exponential dispersion models", JRSS B 49, 1987; Wedderburn, "Quasi-likelihood functions",
//   Biometrika 61, 1974; Chen and Guestrin, "XGBoost", KDD 2016; Bates and Granger, "The combination of forecasts",
//   Operational Research Quarterly 20, 1969 (and the mean, which is hard to beat: Stock and Watson, Journal of
//   Forecasting 23, 2004).
//
// Features know nothing after the snapshot, and nobody is scored by a model that saw them. Neither the order of rows
// nor threads show in any bit.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/estimate.hpp"
#include "clv/core/progress.hpp"
#include "clv/data/histories/purchase_history.hpp"
#include "clv/features/purchase_features.hpp"
#include "clv/learning/learn_settings.hpp"
#include "clv/learning/learner.hpp"
#include "clv/models/fitted_model.hpp"
#include "clv/risk/value_scores.hpp"

namespace clv {

/// From the simplest.
enum class ValueModel : std::uint8_t { naive_rate, purchase_model, regression, boosting, stack };

/// "naive_rate"
[[nodiscard]] std::string_view to_string(ValueModel model) noexcept;

/// Whether it is learned from features, and not known beforehand.
[[nodiscard]] constexpr bool is_learned(ValueModel model) noexcept {
    return model != ValueModel::naive_rate && model != ValueModel::purchase_model;
}

/// What a purchase model that knows the customers up to the snapshot expects of each; all empty where there is none.
struct PurchaseExpectations {
    std::span<const double> purchases{};  ///< [customer]: in the window
    std::span<const double> spend{};      ///< [customer]: currency of each of them
    std::span<const double> p_alive{};    ///< [customer]: at the snapshot

    PurchaseExpectations() = default;
    PurchaseExpectations(std::span<const double> purchases_, std::span<const double> spend_,
                         std::span<const double> p_alive_)
        : purchases(purchases_), spend(spend_), p_alive(p_alive_) {}
    explicit PurchaseExpectations(const PurchaseForecasts& of)
        : purchases(of.purchases), spend(of.spend), p_alive(of.p_alive) {}

    [[nodiscard]] bool empty() const noexcept { return purchases.empty(); }
};

/// Customers at a snapshot, all in the same order.
struct ValueSnapshot {
    const PurchaseSummary& summary;
    const PurchaseFeatures& features;
    PurchaseExpectations expected{};
};

/// What is learned from: purchase_features() and what follows from the summary, then, if there is a purchase model,
/// what it expects. Money is currency, times are in the summary's unit unless a name says otherwise.
[[nodiscard]] std::vector<LearnedColumn> value_columns(bool has_purchase_model);

/// First day of the month in which the first of these customers came.
[[nodiscard]] std::chrono::sys_days first_cohort(const PurchaseFeatures& features);

/// [customer][value_columns()]; NaN where something is undefined. Cohorts count from `first_cohort`. Throws
/// std::invalid_argument where the parts of the snapshot differ in length.
[[nodiscard]] FeatureMatrix value_matrix(const ValueSnapshot& customers, std::chrono::sys_days first_cohort);

/// The two kinds of model, of the same columns.
struct ValueEnsembles {
    std::optional<Ensemble> regression;  ///< of a matrix whose numbers are sign(x) log(1 + |x|)
    std::optional<Ensemble> boosting;
};

/// How far from predictions like these what came was: a share of customers spent at most so many times their
/// prediction.
struct ValueBand {
    double from = 0.0;  ///< currency: the lowest of the predictions; the next band's is where it ends
    double low = 0.0;   ///< times the prediction, that 5% do not exceed
    double high = 0.0;  ///< that 95% do not exceed
};

/// Customers in the order of their predictions, in groups of at least 100 where there are so many, at most 20 groups.
/// Predictions of 0 count as a millionth of their mean. Throws std::invalid_argument for spans of different lengths or
/// of nothing.
[[nodiscard]] std::vector<ValueBand> value_bands(std::span<const double> predicted, std::span<const double> actual,
                                                 std::span<const std::uint64_t> id_hash);

/// Where 90% of what comes of each prediction lies, by the last band that begins at it or below it, or the first.
/// Throws std::invalid_argument if there is no band.
struct ValueInterval {
    double low = 0.0;   ///< currency
    double high = 0.0;  ///< currency
};
[[nodiscard]] ValueInterval interval_of(std::span<const ValueBand> bands, double predicted);

struct ValueLearner {
    ValueModel used = ValueModel::naive_rate;
    TimeUnit time_unit = TimeUnit::week;
    int window_days = 0;  ///< that expectations are for, too
    std::chrono::sys_days first_cohort{};
    TrainedCustomers trained;
    ValueEnsembles alone;                        ///< of value_columns(false)
    ValueEnsembles stacked;                      ///< of value_columns(true); empty where there was no purchase model
    std::vector<double> purchase_model_factors;  ///< [fold]: of purchase_model in the stack
    std::vector<ValueBand> bands;                ///< of `used`, out of fold
    std::optional<FittedModel> model;            ///< what the expectations are of: it knows nothing after the snapshot
};

/// [customer]: currency in the window, by learner.used or another model that the learner has: of who was learned from
/// by the fold that did not see them, of everybody else the mean over folds. `matrix` is a value_matrix() in the
/// learner's time unit, with learner.first_cohort and expectations for learner.window_days. Throws ConfigError where
/// the model takes a purchase model and the matrix has none, std::invalid_argument for a matrix of other columns or a
/// model that the learner lacks.
[[nodiscard]] std::vector<double> predicted_values(const ValueLearner& learner, const FeatureMatrix& matrix,
                                                   std::span<const std::uint64_t> id_hash, int threads);
[[nodiscard]] std::vector<double> predicted_values(const ValueLearner& learner, ValueModel model,
                                                   const FeatureMatrix& matrix, std::span<const std::uint64_t> id_hash,
                                                   int threads);

/// What the learner says of the window that follows a history, and in which band what comes of it lies (90%).
struct PredictedValues {
    std::vector<double> value;  ///< [customer]: currency
    std::vector<double> low;
    std::vector<double> high;
    FeatureMatrix matrix;
};

/// Predictions with the intervals that the learner's bands give them.
[[nodiscard]] PredictedValues with_intervals(const ValueLearner& learner, std::vector<double> value,
                                             FeatureMatrix matrix);

/// Of customers as they stand at the end of `history`, by learner.used. Throws ConfigError where times are counted in
/// another unit than the learner's, and as predicted_values().
[[nodiscard]] PredictedValues predict_values(const ValueLearner& learner, const PurchaseSummary& summary,
                                             const PurchaseFeatures& features, int threads);

/// What a model expects of customers in so many days after their histories, and of each purchase; without a model of
/// spend, the mean of their purchase days so far.
[[nodiscard]] PurchaseForecasts forecasts_for(const FittedModel& model, const PurchaseSummary& summary,
                                              const PurchaseFeatures& features, int window_days);

/// [customer][column]: what each adds to the logarithm of the prediction of a regression, trees or the stack, where the
/// parts count by their shares of the customer's prediction. Throws as predicted_values().
[[nodiscard]] std::vector<float> value_contributions(const ValueLearner& learner, ValueModel model,
                                                     const FeatureMatrix& matrix,
                                                     std::span<const std::uint64_t> id_hash, int threads);

/// Columns of value_contributions().
[[nodiscard]] const std::vector<LearnedColumn>& contributing_columns(const ValueLearner& learner, ValueModel model);

/// What a model is worth out of fold.
struct ValueQuality {
    ValueModel model = ValueModel::naive_rate;
    std::vector<double> predicted;  ///< [customer]: currency
    ValueScores scores;
};

struct ValueLearning {
    ValueLearner learner;
    std::vector<ValueQuality> models;               ///< from the simplest; learner.used has the highest Gini
    FeatureMatrix matrix;                           ///< as was learned from
    ValueModel explained = ValueModel::regression;  ///< learner.used, or if that is not learned the best that is
    std::vector<float> contributions;               ///< [customer][column] of `explained`
    std::vector<Estimate> importance;               ///< mean absolute contribution of every column
    std::vector<std::string> notes;
    std::vector<std::string> warnings;
};

/// That of learner.used.
[[nodiscard]] const ValueQuality& used_quality(const ValueLearning& learning);

/// Learns history.holdout->revenue. `settings` say the folds, the seed, which kinds of model, and how trees grow.
/// `model`: what `expected` are expectations of, which the learner keeps.
/// Throws ConfigError if nothing is held out, InputError if nobody bought in the window or a revenue is negative or not
/// finite, ModelError for fewer than 50 customers or 10 who bought, Interrupted.
[[nodiscard]] ValueLearning learn_value(const PurchaseHistory& history, const PurchaseFeatures& features,
                                        const PurchaseExpectations& expected, const LearnSettings& settings,
                                        int threads, Progress& progress,
                                        std::optional<FittedModel> model = std::nullopt);

}  // namespace clv
