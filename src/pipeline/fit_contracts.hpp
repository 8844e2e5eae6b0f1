#pragma once

#include "clv/config/config.hpp"
#include "clv/core/progress.hpp"
#include "clv/data/readers/cohort_reader.hpp"
#include "clv/data/readers/input_settings.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv::commands {

/// Renewals by segment, from the cohort table of input.summary or from tenures and who has left in input.customers.
/// Whether they are accepted is left to require_accepted(). Throws ConfigError unless exactly one of the two is named.
[[nodiscard]] CohortsRead read_renewals(const InputSettings& input, int period_months, Progress& progress,
                                        const RejectSink& reject);

/// `clv fit` of a contract model: model.json and survival.csv from a cohort table or from customers.
int fit_contracts(const RunConfig& config, Terminal& terminal);

}  // namespace clv::commands
