#pragma once
// Steps that `clv simulate`, `clv run` and `clv optimize` share: customers are valued by simulation or taken from
// results that still stand, a plan is made, and what came of both is written.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clv/decisions/table/optimizer_settings.hpp"
#include "clv/output/hdf5/hdf5_file.hpp"
#include "clv/output/hdf5/results_file.hpp"
#include "clv/output/output_set.hpp"
#include "clv/planning/simulation_run.hpp"
#include "clv/population/population.hpp"
#include "clv/simulation/backend.hpp"

namespace clv {

/// Of the CVaR that a plan needs of every customer; none: it needs no CVaR.
[[nodiscard]] std::optional<double> customer_cvar_level(const OptimizerSettings& optimizer,
                                                        const SimulationSettings& simulation);

/// What simulating the population found when results.h5 in `folder`, `results`, was written: portfolio, cash flow and
/// uplift table without any plan. Totals are known where totals.h5 stands beside it. Throws InputError if they are
/// results of other customers.
[[nodiscard]] SimulationRun read_valuation(const Hdf5File& results, const std::filesystem::path& folder,
                                           const Population& population, std::optional<double> cvar_level);

/// results.h5 under way: it takes figures of customers as they are found, and at the end what a plan made of them.
class ResultsUnderWay {
  public:
    /// `with_plan`: a plan will be written too. `population` must outlive it.
    ResultsUnderWay(const ResultsOrigin& origin, const Population& population, bool with_plan, OutputSet& outputs);

    /// Every customer simulated; `with_customer_cvar` as value_population(). Throws what Backend::run throws.
    [[nodiscard]] SimulationRun value(const Backend& backend, bool with_customer_cvar, Progress& progress);
    /// Every customer as in `earlier` results of the same valuation.
    void copy_customers(const Hdf5File& earlier);

    /// Portfolio, cash flow and refined figures; closes the file and opens it for reading.
    [[nodiscard]] Hdf5File finish(const SimulationRun& run);

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    const Population& population_;
    std::filesystem::path path_;
    ResultsFile file_;
};

/// Whether tables of an earlier run with the same valuation stand beside these results.
enum class EarlierTables { none, stand };

/// Every table of a run but those of its plan. Where the earlier ones stand, only those are written that a plan
/// changes: portfolio.csv, and uplift.csv where figures were refined now or then (`refined_before`).
void write_run_tables(const Population& population, const SimulationRun& run, const Hdf5File& results,
                      std::span<const std::uint32_t> rank, EarlierTables earlier, bool refined_before,
                      OutputSet& outputs);

/// Of every customer by the mean of its value; 0 for those who have churned, where they are apart.
[[nodiscard]] std::vector<std::uint32_t> ranks_by_mean(const Hdf5File& results, const CustomerTable& customers);

}  // namespace clv
