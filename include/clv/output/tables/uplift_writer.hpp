#pragma once
// uplift.csv: what every action would earn, customer by customer. Functions throw OutputError if a file cannot be
// written and Interrupted if the user asked to stop.

#include <filesystem>

#include "clv/data/tables/customer_table.hpp"
#include "clv/output/hdf5/hdf5_file.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

/// uplift.csv, from results.h5 block by block: per customer `none` at profit 0 and cost 0, then every eligible action.
void write_uplift_csv(const std::filesystem::path& path, const IdColumn& customer_id, const SimulationPlan& plan,
                      const Hdf5File& results);

}  // namespace clv
