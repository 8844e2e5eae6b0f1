#pragma once
// A generated world on disk: customers.csv or transactions.csv, and truth.csv, of an output set.

#include <cstdint>
#include <filesystem>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/data/worlds/generate_settings.hpp"
#include "clv/output/output_set.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

/// A world, and what is to be known of it: its truth is that of a horizon, of discounting, of a market and of actions.
struct WorldSettings {
    GenerateSettings generate;
    SimulationSettings simulation;
    Market market{};
    std::vector<Action> actions{};
    int threads = 0;  ///< 0: all
};

/// Subscription customers. Writes both files and returns where customers.csv stands until the set is committed.
std::filesystem::path write_world(const WorldSettings& settings, OutputSet& outputs, Progress& progress);

struct RetailWorld {
    std::filesystem::path transactions_file;  ///< where it stands until the set is committed
    std::uint64_t transactions = 0;
    std::vector<double> log_factors;  ///< of the calendar, [week from generate.first_day]
};

/// Customers without a contract.
RetailWorld write_retail_world(const WorldSettings& settings, OutputSet& outputs, Progress& progress);

}  // namespace clv
