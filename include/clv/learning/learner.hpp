#pragma once
// What was learned of churn, and what it says of customers.
//
// A customer that the learner was trained on is scored by the model of a fold that did not see it, everybody else by
// the mean of the folds. Folds go by id, so that neither the order of rows nor who else is in the file moves anybody.
// Models of bootstrap resamples tell how far the score itself may be wrong: every path of a simulation lives with one
// of them, the same for all customers.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/learning/feature_matrix.hpp"
#include "clv/learning/score_model.hpp"
#include "clv/models/hazards.hpp"

namespace clv {

/// Slope and intercept that turn out-of-fold scores into such that hold what they promise (Platt 2000).
struct Calibration {
    double intercept = 0.0;
    double slope = 1.0;
    [[nodiscard]] double operator()(double score) const noexcept { return intercept + slope * score; }
};

/// Models of one score.
struct Ensemble {
    Family family = Family::bernoulli;
    std::vector<LearnedColumn> columns;
    std::vector<ScoreModel> folds;
    std::vector<Calibration> calibrations;  ///< one per fold, from the others
    std::vector<ScoreModel> resamples;
    Calibration calibration;  ///< of resamples: from all folds
};

/// Monthly hazards by tenure of a customer whose rate is 1.
struct BaselineHazard {
    std::vector<double> months;  ///< [month - 1]
    double tail = 0.0;           ///< of every later month
};

/// Who it was trained on: fold of a customer, or none.
class TrainedCustomers {
  public:
    TrainedCustomers() = default;
    TrainedCustomers(std::vector<std::uint64_t> id_hash, int folds, std::uint64_t seed);

    [[nodiscard]] std::optional<std::size_t> fold_of(std::uint64_t id_hash) const;
    [[nodiscard]] const std::vector<std::uint64_t>& id_hashes() const noexcept { return id_hash_; }
    [[nodiscard]] int folds() const noexcept { return folds_; }
    [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }

  private:
    std::vector<std::uint64_t> id_hash_;  ///< ascending
    int folds_ = 0;
    std::uint64_t seed_ = 0;
};

struct Learner {
    std::string target_column;
    std::string positive;
    std::string time_column;
    int window_months = 1;
    TrainedCustomers trained;
    Ensemble churn;                ///< probability of the outcome
    std::optional<Ensemble> rate;  ///< times the baseline hazard; absent: hazards are those of the window
    BaselineHazard baseline;
    std::vector<LeftOut> left_out;
};

/// Probability or rate of every customer, calibrated.
[[nodiscard]] std::vector<double> cross_fitted(const Ensemble& ensemble, const TrainedCustomers& trained,
                                               const FeatureMatrix& matrix, std::span<const std::uint64_t> id_hash,
                                               int threads);

/// [customer][column]: mean over the folds that score a customer of what each column adds to its score.
[[nodiscard]] std::vector<float> cross_fitted_contributions(const Ensemble& ensemble, const TrainedCustomers& trained,
                                                            const FeatureMatrix& matrix,
                                                            std::span<const std::uint64_t> id_hash, int threads);

/// What a learner says of customers.
struct LearnedHazards {
    SurvivalFit survival;
    std::vector<float> factors;  ///< [customer][draw]: the hazard under each resample's model, relative to their mean
    std::size_t draws = 0;
    std::vector<double> probability;  ///< of the outcome
};

/// Throws InputError if customers lack a column that was learned from.
[[nodiscard]] LearnedHazards learned_hazards(const Learner& learner, const CustomerTable& customers, int horizon_months,
                                             int threads);

/// [customer]: the two columns that move its churn most, in words (drivers_of()).
[[nodiscard]] std::vector<std::string> churn_drivers(const Learner& learner, const CustomerTable& customers,
                                                     int threads);

}  // namespace clv
