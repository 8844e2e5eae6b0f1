#pragma once
// From customers and what became of them to a Learner, with what it is worth.

#include <string>
#include <vector>

#include "clv/core/estimate.hpp"
#include "clv/core/progress.hpp"
#include "clv/learning/learner.hpp"
#include "clv/risk/class_scores.hpp"

namespace clv {

/// Out-of-fold quality of one kind of model.
struct LearnedQuality {
    LearnAlgorithm algorithm = LearnAlgorithm::boosting;
    ClassScores scores;
};

struct ChurnLearning {
    Learner learner;
    Outcomes outcomes;
    std::vector<double> probability;      ///< [customer]: out of fold where it was trained on
    std::vector<float> contributions;     ///< [customer][column of learner.churn]
    std::vector<Estimate> importance;     ///< mean absolute contribution of every column
    std::vector<LearnedQuality> quality;  ///< of the model that is used, then of the one that it was compared with
    std::vector<Estimate> hazards;        ///< quality of hazards by tenure, out of fold; empty where there are none
    std::vector<std::string> notes;
    std::vector<std::string> warnings;
};

/// Learns `settings.target_column` of `customers`. Throws InputError or ConfigError where it cannot be learned from,
/// ModelError where too few have one of the outcomes.
[[nodiscard]] ChurnLearning learn_churn(const CustomerTable& customers, const LearnSettings& settings, int threads,
                                        Progress& progress);

/// What a learner says of customers, without quality and importance. Throws InputError if they lack a column that was
/// learned from; the outcome may be missing.
[[nodiscard]] ChurnLearning score_churn(Learner learner, const CustomerTable& customers, int threads);

}  // namespace clv
