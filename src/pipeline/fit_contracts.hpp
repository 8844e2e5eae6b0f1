#pragma once

#include "clv/config/config.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv::commands {

/// `clv fit` of a contract model: model.json and survival.csv from a cohort table or from customers.
int fit_contracts(const RunConfig& config, Terminal& terminal);

}  // namespace clv::commands
