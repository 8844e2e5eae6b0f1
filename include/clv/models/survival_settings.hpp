#pragma once

#include <optional>
#include <string>

namespace clv {

enum class SurvivalSource { churn_probability, curve, kaplan_meier, sbg, model, learned };

/// Where hazards come from (config section [survival]).
struct SurvivalSettings {
    /// Absent: churn_probability or survival_1..survival_T, whichever the customers have.
    std::optional<SurvivalSource> source;
    /// source = "curve": a file `segment, survival_1..survival_T` when curves are per segment, else empty.
    std::string curves;
    /// source = "sbg": parameters of the shifted beta geometric; absent: fitted from tenure_months and churned.
    std::optional<double> alpha;
    std::optional<double> beta;
    /// source = "sbg": months between renewals; the whole hazard of a period falls in its renewal month.
    int period_months = 1;
};

}  // namespace clv
