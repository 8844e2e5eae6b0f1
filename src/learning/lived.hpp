#pragma once
// What customers have lived through: from the tenure when observation began to the one when they left or were last
// seen. Nobody is at risk in months before that (left truncation), and who left in a whole month did so in its middle,
// on average.

#include <cstdint>
#include <span>
#include <vector>

#include "clv/learning/learner.hpp"

namespace clv {

struct Lived {
    double from = 0.0;        ///< months
    double until = 0.0;       ///< months
    std::uint32_t month = 0;  ///< index of the month in which the customer left
    bool left = false;
};

/// Of the customer with this tenure, observed from that one on.
[[nodiscard]] Lived lived_through(double from, double tenure, bool left);

/// Events over exposure, month by month, where customer i runs its months at rate[i] (Breslow 1974 for time in months:
/// the likelihood of piecewise constant hazards); where few left in a month its neighbours join it. The tail is that of
/// the last 12 months; a month in which nobody was observed has the hazard of the next one in which somebody was.
[[nodiscard]] BaselineHazard baseline_hazard(std::span<const Lived> lived, std::span<const double> rate);

/// Sum of the hazards that a customer of rate 1 has lived through.
[[nodiscard]] double cumulative(const BaselineHazard& baseline, const Lived& lived);

}  // namespace clv
