#pragma once
// Models of folds and of resamples: fitted side by side, on as many threads as there are, each model on one.

#include <cstdint>
#include <span>
#include <vector>

#include "clv/core/estimate.hpp"
#include "clv/core/progress.hpp"
#include "clv/learning/learner.hpp"

namespace clv {

/// What is learned from: customers in the order of their id hashes, with fold numbers.
struct LearningTask {
    const FeatureMatrix& matrix;
    std::span<const std::uint64_t> id_hash;  ///< [row of the matrix]
    Family family = Family::bernoulli;
    std::vector<LearnedColumn> columns;
    TrainingRows rows;               ///< in the order of id hashes
    std::vector<std::size_t> folds;  ///< [place in rows]
    const LearnSettings& settings;
    int threads = 0;
};

/// One kind of model, out of fold. Entries are on the places of LearningTask::rows.
struct OutOfFold {
    LearnAlgorithm algorithm = LearnAlgorithm::boosting;
    std::vector<ScoreModel> models;
    std::vector<Calibration> calibrations;
    Calibration calibration;
    std::vector<double> scores;  ///< calibrated, without offset
    double loss = 0.0;           ///< mean deviance, without constants
};

/// Slope and intercept of outcomes on scores by maximum likelihood; a slope below 0 is 0.
[[nodiscard]] Calibration calibrate(Family family, std::span<const double> scores, const TrainingRows& rows,
                                    std::span<const std::uint8_t> used);

/// The kinds of model that `algorithm` asks for, whatever the settings say, the better one first.
[[nodiscard]] std::vector<OutOfFold> fit_folds(const LearningTask& task, LearnAlgorithm algorithm, Progress& progress);

/// The ensemble of what fit_folds() found best, with models of so many resamples.
[[nodiscard]] Ensemble fit_ensemble(const LearningTask& task, OutOfFold best, std::size_t resamples,
                                    Progress& progress);

/// Minus the log-likelihood of an outcome at a score, without what does not depend on the score.
[[nodiscard]] double loss_at(Family family, double score, double outcome);

/// Mean of an outcome at a score: a probability, or a rate.
[[nodiscard]] double mean_at(Family family, double score);

}  // namespace clv
