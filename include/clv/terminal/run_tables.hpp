#pragma once
// What a run found, for the terminal.

#include "clv/output/hdf5/hdf5_file.hpp"
#include "clv/output/output_set.hpp"
#include "clv/planning/scenario_plans.hpp"
#include "clv/planning/simulation_run.hpp"
#include "clv/planning/sweep_run.hpp"
#include "clv/population/population.hpp"
#include "clv/terminal/terminal.hpp"

#include <chrono>
#include <nlohmann/json_fwd.hpp>

namespace clv {

/// Tables of the portfolio, the customers and the plan; with --json one JSON object.
void print_summary(const Population& population, const SimulationRun& run, const Hdf5File& results,
                   std::span<const std::uint32_t> rank, Terminal& terminal);

/// How many customers are marked as churned, what became of them, and where they are apart what they would bring, in
/// `rows` without any action; as in run.json. Null where there are none.
[[nodiscard]] nlohmann::json churned_record(const Population& population, std::span<const PortfolioRow> rows);

/// A row of the portfolio, with the names of portfolio.csv.
[[nodiscard]] nlohmann::json row_record(const SimulationSettings& settings, const PortfolioRow& row);

/// Tables of a sweep: the portfolio in every scenario, and its plans if there are any; with --json one JSON object.
void print_sweep(const SimulationSettings& settings, const SweepRun& sweep, const std::vector<ScenarioPlan>& plans,
                 Terminal& terminal);

/// The plans of all scenarios, as in run.json.
[[nodiscard]] nlohmann::json scenario_plans_record(const std::vector<ScenarioPlan>& plans);

/// Tables of the plan, its profit on fresh paths and beside other policies.
void print_plan(const UpliftTable& uplift, const PlannedActions& decision, Terminal& terminal);

/// Says under which names files are kept that somebody had changed, and what went of an earlier run.
void say_earlier_files(const OutputSet& outputs, Terminal& terminal);

/// The same; and where results are now, how long they took and how much memory.
void say_written(const OutputSet& outputs, std::chrono::system_clock::time_point started, Terminal& terminal);

/// The plan's figures, as in run.json.
[[nodiscard]] nlohmann::json plan_record(const PlannedActions& decision);

/// The shares of sources.csv, as in run.json.
[[nodiscard]] nlohmann::json sources_record(const std::vector<SourceShare>& sources);
[[nodiscard]] std::vector<SourceShare> sources_of_record(const nlohmann::json& record);

}  // namespace clv
