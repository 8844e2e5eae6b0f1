#pragma once
// From what is known of churn to the monthly hazards of the subscription law, conditional on current tenure.
//
// A customer of tenure m continues in month floor(m) + 1 of the curve of life; without tenure_months everybody is new.
// Customers marked as churned are fitted on, and get hazards as if they were still customers.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/models/contract_fit.hpp"
#include "clv/models/kaplan_meier.hpp"
#include "clv/models/sbg.hpp"
#include "clv/models/survival_settings.hpp"
#include "clv/paths/subscription_columns.hpp"

namespace clv {

/// What was observed of a segment's churn, and the model fitted to it, if any.
struct SurvivalTable {
    std::string segment;    ///< "all" if there are no segments
    int period_months = 1;  ///< length of one entry of `observed`
    KaplanMeier observed;
    std::optional<SbgFit> sbg;
};

struct SurvivalFit {
    SurvivalSource source = SurvivalSource::churn_probability;
    HazardCurves hazards;
    std::vector<SurvivalTable> tables;  ///< one per segment where survival was fitted, in the order of the segments
    /// Future months of every customer whose hazard rests on data, at most the horizon; later ones are extrapolated.
    std::vector<std::uint32_t> observed_months;
    std::vector<std::string> warnings;
};

/// Whole months of tenure; 0 without them. Throws InputError for a tenure that is none.
[[nodiscard]] std::uint32_t months_lived(const CustomerTable& customers, std::size_t customer);

/// Hazards of all customers over the horizon. `segment_curves` holds survival_1, survival_2, .. by segment, for
/// source = "curve" with a curve per segment; empty means the customers' own columns. `contracts` is what source =
/// "model" reads: a customer has the fit of its segment, or the only one there is, at its own covariates. Throws
/// InputError if a column that the source needs is missing or a curve is no survival curve, ConfigError if the settings
/// contradict each other.
[[nodiscard]] SurvivalFit fit_survival(const CustomerTable& customers, const SurvivalSettings& settings,
                                       int horizon_months,
                                       const std::map<std::string, std::vector<double>>& segment_curves = {},
                                       const ContractFits* contracts = nullptr);

}  // namespace clv
