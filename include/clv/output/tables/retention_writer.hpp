#pragma once
// retention_results.csv: for every customer how likely it is to leave, what it is worth, what every action would make
// of it, and what is recommended and why.

#include <filesystem>

#include "clv/output/hdf5/hdf5_file.hpp"
#include "clv/output/output_set.hpp"
#include "clv/planning/planned_actions.hpp"
#include "clv/population/population.hpp"

namespace clv {

/// Of customers whose churn was learned, from results.h5 block by block, and the plan on `table`. Throws OutputError
/// and Interrupted.
void write_retention_csv(const std::filesystem::path& path, const Population& population, const Hdf5File& results,
                         const UpliftTable& table, const PlannedActions& decision);

/// The same in an output set, where the population has what it takes.
void write_retention(const Population& population, const Hdf5File& results, const UpliftTable& table,
                     const PlannedActions& decision, OutputSet& outputs);

}  // namespace clv
