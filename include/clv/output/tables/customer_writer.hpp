#pragma once
// clv.csv, predictions.csv and summary.csv: a row for every customer. Functions throw OutputError if a file cannot be
// written and Interrupted if the user asked to stop.

#include <cstdint>
#include <filesystem>
#include <span>

#include "clv/data/tables/customer_table.hpp"
#include "clv/output/hdf5/hdf5_file.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

/// clv.csv, from the figures of `none` in results.h5, block by block, and the customers' ranks. `segment` and `churned`
/// are written if the table has them.
void write_clv_csv(const std::filesystem::path& path, const CustomerTable& customers,
                   const SimulationSettings& settings, const Hdf5File& results, std::span<const std::uint32_t> rank);

/// What predictions.csv says beside clv.csv. `monetary_value` may be empty: unknown.
struct PredictionColumns {
    std::span<const double> frequency;
    std::span<const double> recency;
    std::span<const double> age;
    std::span<const double> monetary_value;
    std::span<const double> p_alive;
    std::span<const double> expected_purchases;
    std::span<const double> expected_spend;
};

/// predictions.csv: these, then the columns of clv.csv.
void write_predictions_csv(const std::filesystem::path& path, const CustomerTable& customers,
                           const PredictionColumns& predictions, const SimulationSettings& settings,
                           const Hdf5File& results, std::span<const std::uint32_t> rank);

/// summary.csv. `monetary_value` may be empty; `features` are its further columns.
void write_summary_csv(const std::filesystem::path& path, const IdColumn& customer_id,
                       std::span<const double> frequency, std::span<const double> recency, std::span<const double> age,
                       std::span<const double> monetary_value, std::span<const FeatureColumn> features = {});

}  // namespace clv
