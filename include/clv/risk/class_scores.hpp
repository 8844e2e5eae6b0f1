#pragma once
// How good probabilities of an event are, beside whether it came: do they rank, and do they mean what they say.
//
//   auc                 probability that of two customers, one with the event and one without, the first has the higher
//                       probability; ties count half (Hanley and McNeil 1982)
//   average_precision   sum over distinct probabilities, from the highest, of the recall gained times the precision
//                       there: no interpolation
//   brier               mean squared error of the probability (Brier 1950)
//   log_loss            mean of -ln(probability of what came), with probabilities at least 1e-15 from 0 and 1
//   calibration_slope, calibration_intercept
//                       of the logistic regression of the event on ln(p / (1 - p)): 1 and 0 where p means what it says;
//                       a slope below 1 is a forecast that is too sure of itself (Cox 1958). There is none where a
//                       probability separates the customers with the event from those without
//
// Errors: risk/resampled.hpp.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clv/core/estimate.hpp"
#include "clv/risk/resampled.hpp"

namespace clv {

enum class ClassScore : std::size_t {
    auc,
    average_precision,
    brier,
    log_loss,
    calibration_slope,
    calibration_intercept,
    mean_predicted,
    share_observed,
};
inline constexpr std::size_t class_score_count = 8;

/// Customers of similar probability. Equal probabilities are never apart.
struct CalibrationGroup {
    std::size_t customers = 0;
    double mean_predicted = 0.0;
    double share_observed = 0.0;
    double low = 0.0;   ///< lower end of Wilson's 95% interval of the share observed
    double high = 0.0;  ///< upper end
};

struct ClassScores {
    std::size_t customers = 0;
    std::size_t events = 0;
    std::array<Estimate, class_score_count> estimates;  ///< in the order of ClassScore, and named as there
    std::vector<CalibrationGroup> calibration;          ///< at most ten of equal size, from the lowest probability
    std::vector<Decile> deciles;                        ///< ten, from the highest probability

    [[nodiscard]] const Estimate& operator[](ClassScore score) const {
        return estimates[static_cast<std::size_t>(score)];
    }
};

/// Scores probabilities of an event, one per customer, beside outcomes 1 (it came) and 0. The order of customers does
/// not matter. Throws InputError where all outcomes are equal or a probability is not in [0, 1], and
/// std::invalid_argument for spans of different lengths or an outcome above 1.
[[nodiscard]] ClassScores score_probabilities(std::span<const double> probability,
                                              std::span<const std::uint8_t> outcome,
                                              std::span<const std::uint64_t> id_hash,
                                              const BootstrapSettings& settings);

}  // namespace clv
