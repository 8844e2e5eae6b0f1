#pragma once
// Logistic regression of an event on the logit of its probability, over groups of customers with one probability.
//
//   Algorithm   Newton from what is near, on logits about their mean. The likelihood is concave: where it still rises
//   at
//               the end of a step it has risen all the way, and the step is taken. Else it is halved, down to where it
//               gains in any case: if it moves a linear predictor by R, the curvature on the way is at most e^R times
//               that at its start, so that a share ln(1 + R) / R of it does, and the whole for R <= 1 (Sun and
//               Tran-Dinh 2019, "Generalized self-concordant functions").

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clv {

/// Customers of a sample by group, from the highest probability.
struct ClassCounts {
    std::vector<std::int32_t> all;
    std::vector<std::int32_t> events;
};

/// Log odds of the event are intercept + slope x logit. NaN where there is no finite one.
struct CalibrationLine {
    double intercept;
    double slope;
};

class CalibrationFit {
  public:
    /// Logits, [group], from the highest. Fits `counts`, of all customers.
    CalibrationFit(std::vector<double> logits, const ClassCounts& counts);

    /// Of all customers.
    [[nodiscard]] CalibrationLine line() const;
    /// Of a resample, within some thousandths of a standard error: it begins at the line of all.
    [[nodiscard]] CalibrationLine line_of(const ClassCounts& counts) const;

  private:
    [[nodiscard]] CalibrationLine fit(const ClassCounts& counts, CalibrationLine at, bool from_fitted,
                                      double settled) const;

    std::vector<double> logits_;  ///< less their mean
    double mean_logit_ = 0.0;
    CalibrationLine line_{};      ///< of centred logits
    std::vector<double> fitted_;  ///< [group]: probabilities of line_
};

}  // namespace clv
