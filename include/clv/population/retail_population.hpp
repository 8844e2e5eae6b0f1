#pragma once
// Customers without a contract: histories and fitted models in, the retail law's columns out.

#include <cstddef>
#include <cstdint>
#include <string>

#include "clv/models/fit_settings.hpp"
#include "clv/population/population.hpp"
#include "clv/population/purchases_read.hpp"

namespace clv {

/// Bootstrap fits that are made: one half is for the run that a decision is made on, the other for fresh paths.
inline constexpr std::size_t bootstrap_draws = 128;

/// What the retail law needs to know beside histories and models.
struct RetailSettings {
    ParameterUncertainty uncertainty = ParameterUncertainty::laplace;
    std::uint64_t seed = 0;
    std::int64_t paths = 0;  ///< of the run
    double margin = 1.0;     ///< share of revenue
    std::string model_name;  ///< for messages
};

/// The estimates themselves, every week as usual: what closed forms go by.
[[nodiscard]] RetailDraw draw_at_estimates(const FittedModel& model);

/// The retail law's columns of a summary under a model, with a calendar of `horizon_weeks` if the model has its weeks.
/// Throws ConfigError if the model has no draws of the uncertainty asked for.
[[nodiscard]] RetailColumns retail_columns(const PurchaseSummary& summary, const FittedModel& model,
                                           const RetailSettings& settings, double horizon_weeks);

/// Throws InputError for rows that cannot be simulated under `model` for so long: some of these can be fitted. `file`
/// is for messages.
void check_rows(const PurchaseSummary& summary, const FittedModel& model, int horizon_months, const std::string& file);

/// The population of `plan`, whose eligible customers are found here. Throws as retail_columns() and check_rows().
[[nodiscard]] Population retail_population(PurchasesRead read, FittedModel model, SimulationPlan plan,
                                           const RetailSettings& settings);

}  // namespace clv
