#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace clv {

enum class LearnTarget {
    churn,  ///< who leaves: of customers
    value,  ///< what they spend in the window after a snapshot: of transactions
};

/// How the outcome of a window becomes monthly hazards.
enum class HazardFrom {
    window,  ///< the probability of the window, spread evenly over its months
    tenure,  ///< hazards by tenure: what everybody has lived through counts, from when observation began
};

/// Which model predicts.
enum class LearnAlgorithm {
    best,      ///< boosting where it beats the regression out of fold, else the regression
    boosting,  ///< gradient-boosted trees
    logistic,  ///< ridge regression: logistic, or Poisson for hazards
};

/// Config section [learn].
struct LearnSettings {
    LearnTarget target = LearnTarget::churn;
    std::optional<std::chrono::sys_days> snapshot;  ///< of value: the last day that features know
    std::string target_column;                      ///< of churn: the file's name; empty: nothing is learned
    std::string positive;                           ///< value that means yes; empty: 1, yes, true
    std::vector<std::string> exclude;               ///< columns that are not learned from
    std::map<std::string, std::string> kinds;       ///< column -> "number" or "category", where a guess goes wrong
    std::string time_column;                        ///< months as a customer; empty: tenure_months
    std::optional<int> window_months;               ///< the outcome was observed for so long; absent: 1
    std::optional<HazardFrom> hazard;  ///< absent: the window if that is given or no tenure is, else the tenure
    LearnAlgorithm algorithm = LearnAlgorithm::best;
    int folds = 5;
    int bootstraps = 32;  ///< models of the spread; 0: hazards are taken as known. A multiple of 16
    int depth = 3;
    int rounds = 500;  ///< trees at most; early stopping ends sooner
    double learning_rate = 0.05;
    double subsample = 0.8;
    std::uint64_t seed = 1;
    bool contributions = false;      ///< also write what every column adds to every score
    bool segments_are_made = false;  ///< no key: of columns that are learned from themselves (input.segment_by)
};

}  // namespace clv
