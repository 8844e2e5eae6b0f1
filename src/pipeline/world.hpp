#pragma once
// A generated world on disk: customers.csv or transactions.csv, and truth.csv, of an output set.

#include <cstdint>
#include <filesystem>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/output/output_set.hpp"
#include "clv/pipeline/config.hpp"

namespace clv {

/// Whether `clv run` makes the customers itself: a world is described, and no input is named.
[[nodiscard]] inline bool generates_world(const RunConfig& config) {
    return config.input.customers.empty() && !config.input.has_purchases() && !config.generate.kind.empty();
}

/// Subscription customers. Writes both files and returns where customers.csv stands until the set is committed. The
/// truth is that of the configuration's horizon, discounting and actions; the market moves no mean as long as it does
/// not move hazards.
std::filesystem::path write_world(const RunConfig& config, OutputSet& outputs, Progress& progress);

struct RetailWorld {
    std::filesystem::path transactions_file;  ///< where it stands until the set is committed
    std::uint64_t transactions = 0;
    std::vector<double> log_factors;  ///< of the calendar, [week from generate.first_day]
};

/// Customers without a contract.
RetailWorld write_retail_world(const RunConfig& config, OutputSet& outputs, Progress& progress);

}  // namespace clv
