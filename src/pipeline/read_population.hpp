#pragma once
// The population of a command: read, and announced to the user.

#include <nlohmann/json_fwd.hpp>

#include "clv/output/output_set.hpp"
#include "clv/pipeline/config.hpp"
#include "clv/pipeline/population.hpp"
#include "clv/pipeline/terminal.hpp"

namespace clv {

/// load_population(), with notes and warnings on the terminal and rejected rows in rejects.csv.
[[nodiscard]] Population read_population(const RunConfig& config, OutputSet& outputs, Terminal& terminal);

/// Adds what run.json says of a population: fitted models, the share of the tail, warnings.
void add_population(nlohmann::json& record, const Population& population);

}  // namespace clv
