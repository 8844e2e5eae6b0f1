#pragma once
// Customers with a contract: validated rows and hazards in, the subscription law's columns out.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clv/data/readers/customers_reader.hpp"
#include "clv/learning/learner.hpp"
#include "clv/models/contract_fit.hpp"
#include "clv/models/survival_settings.hpp"
#include "clv/population/population.hpp"

namespace clv {

/// Where hazards come from: the settings, and what the files that they name hold.
struct SurvivalSources {
    SurvivalSettings settings;
    bool is_implied = false;                              ///< nothing names settings.source: a model or curves imply it
    std::map<std::string, std::vector<double>> curves{};  ///< by segment
    std::optional<ContractFits> contracts{};              ///< a saved model of renewals
    std::optional<Learner> learner{};                     ///< what was learned of churn
    int threads = 0;                                      ///< that a learner works on
    bool share_out_draws = true;  ///< paths live with draws of a model with covariates, not all with its estimates
};

/// Which columns a survival source cannot do without.
[[nodiscard]] CustomerRequirements customer_requirements(const SurvivalSettings& survival);

/// The law's columns of validated customers: their own, which move out of the table, or the defaults of the file
/// table, and the fitted hazards. Customers who are apart are a segment of their own, the last.
[[nodiscard]] SubscriptionColumns take_subscription_columns(CustomerTable& customers, HazardCurves hazards);

/// Adds to the report's warnings what says how customers churn and is not used, where the source is implied.
void warn_of_unused_sources(CustomersRead& read, const SurvivalSources& survival);

/// Refuses customers that subscription_population() would refuse, all the same: ambiguous survival, reserved segment
/// names, survival that cannot be fitted (InputError), filters that do not match the columns (ConfigError).
void check_subscribers(const CustomersRead& read, const SurvivalSources& survival, const SimulationPlan& plan,
                       ChurnedCustomers churned);

/// Fits hazards and makes the population of `plan`, whose eligible customers are found here; `churned` says who is in
/// it. The report warns of unused sources. Throws as check_subscribers().
[[nodiscard]] Population subscription_population(CustomersRead read, const SurvivalSources& survival,
                                                 SimulationPlan plan,
                                                 ChurnedCustomers churned = ChurnedCustomers::separate);

}  // namespace clv
