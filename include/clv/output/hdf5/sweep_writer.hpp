#pragma once
// The files of a sweep: sweep.csv and its results.h5, from plain data. Layouts are those of the file table (files.hpp).
// Both functions throw OutputError and Interrupted.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "clv/output/hdf5/results_file.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

struct SweepContent {
    const SimulationSettings& settings;
    std::span<const std::string> segments;  ///< row_names()
    std::span<const Scenario> scenarios;    ///< the base first
    std::span<const ScenarioRow> rows;      ///< [scenario][segment]
    /// [scenario]: value of every path as PlanTotals hold it, [segment][path], currency
    std::span<const std::vector<double>> path_totals;
};

void write_sweep_csv(const std::filesystem::path& path, const SimulationSettings& settings,
                     std::span<const ScenarioRow> rows);

/// std::logic_error if the parts do not belong together.
void write_sweep_h5(const std::filesystem::path& path, const ResultsOrigin& origin, const SweepContent& content);

}  // namespace clv
