#pragma once
// A generated world on disk: customers.csv and truth.csv of an output set.

#include <filesystem>

#include "clv/core/progress.hpp"
#include "clv/output/output_set.hpp"
#include "clv/pipeline/config.hpp"

namespace clv {

/// Writes both files and returns where customers.csv stands until the set is committed. The truth is that of the
/// configuration's horizon, discounting and actions; the market moves no mean as long as it does not move hazards.
std::filesystem::path write_world(const RunConfig& config, OutputSet& outputs, Progress& progress);

}  // namespace clv
