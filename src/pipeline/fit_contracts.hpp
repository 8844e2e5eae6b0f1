#pragma once

#include "clv/config/config.hpp"
#include "clv/core/progress.hpp"
#include "clv/data/readers/cohort_reader.hpp"
#include "clv/data/readers/input_settings.hpp"
#include "clv/data/tables/customer_table.hpp"
#include "clv/models/contract_covariates.hpp"
#include "clv/models/fit_settings.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv::commands {

/// Renewals by segment, and the customers that they are of, where these were read.
struct RenewalsRead {
    CohortsRead cohorts;
    CustomerTable customers;
};

/// From the cohort table of input.summary or from tenures and who has left in input.customers. Whether they are
/// accepted is left to require_accepted(). Throws ConfigError unless exactly one of the two is named.
[[nodiscard]] RenewalsRead read_renewals(const InputSettings& input, const std::vector<std::string>& covariates,
                                         int period_months, Progress& progress, const RejectSink& reject);

/// A fit for every segment, or one with covariates for all; then also what it was fitted to.
struct RenewalFits {
    ContractFits fits;
    RenewalGroups groups;
};
[[nodiscard]] RenewalFits fit_renewals(const RenewalsRead& read, const FitSettings& settings, int period_months,
                                       int threads);

/// `clv fit` of a contract model: model.json and survival.csv from a cohort table or from customers.
int fit_contracts(const RunConfig& config, Terminal& terminal);

}  // namespace clv::commands
