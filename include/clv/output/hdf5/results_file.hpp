#pragma once
// results.h5: everything a run found, as arrays (their names, units and meanings: file table, results.h5). The same
// results give the same bytes; nothing about how they were computed is in it.
//
// Figures of customers go to the file as they come, batch by batch. Every dataset has its place in the file before the
// first batch, so the size of batches does not show.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/decisions/table/uplift_table.hpp"
#include "clv/output/documents/formats.hpp"
#include "clv/output/hdf5/hdf5_file.hpp"
#include "clv/simulation/plan.hpp"
#include "clv/simulation/portfolio.hpp"
#include "clv/simulation/result.hpp"

namespace clv {

/// What the results come from: root attributes of results.h5.
struct ResultsOrigin {
    std::string program_version;
    std::uint64_t seed = 0;
    std::string config_hash;  ///< of the statistical keys
    std::string input_hash;
};

/// A results.h5 with its root attributes and nothing else yet. Throws OutputError.
[[nodiscard]] Hdf5File create_results_h5(const std::filesystem::path& path, const ResultsOrigin& origin,
                                         double cvar_level);

/// Writes results.h5: customers first, then write_portfolio, write_cashflow and write_refined where asked for, close.
/// Functions throw OutputError, Interrupted; std::logic_error if the parts do not belong together.
class ResultsFile final : public CustomerSink {
  public:
    /// `plans`: "none", and "chosen" if there is to be a plan. `customers` and `plan` must outlive the file; of the
    /// plan's customers `customers` has the ids and segments.
    ResultsFile(const std::filesystem::path& path, const ResultsOrigin& origin, const CustomerTable& customers,
                const SimulationPlan& plan, std::span<const std::string> plans);

    void take(std::size_t first, const CustomerFigures& batch) override;
    /// Rows and totals of every plan.
    void write_portfolio(std::span<const PortfolioRow> rows, std::span<const PlanTotals> totals);
    void write_cashflow(std::span<const CashflowRow> rows);
    /// Figures of customers with more paths than the run's; nothing where `table` has none.
    void write_refined(const UpliftTable& table);
    void close();

  private:
    void create_customers();
    void write_customers_of_segments();

    Hdf5File file_;
    const CustomerTable& customers_;
    const SimulationPlan& plan_;
    std::vector<std::string> segments_;  ///< row_names()
    std::vector<std::string> plans_;
    std::size_t customers_written_ = 0;
};

/// Opens a results.h5 for reading. Throws InputError if it is none, of an unknown version, or sizes in it do not agree.
/// The library may crash on a damaged file: this is for one that has been held against run.json.
[[nodiscard]] Hdf5File open_results_h5(const std::filesystem::path& path);
/// The same, held against the run.json beside it first. Throws InputError too if there is none or it says otherwise.
[[nodiscard]] Hdf5File open_published_results_h5(const std::filesystem::path& path);
/// What this run has just written and has still to publish. Throws OutputError where it cannot be read back.
[[nodiscard]] Hdf5File reopen_results_h5(const std::filesystem::path& path);

/// Copies results whose values are those of another configuration too, which they then name. Throws OutputError.
void copy_results_h5(const std::filesystem::path& from, const std::filesystem::path& to,
                     const std::string& config_hash);

[[nodiscard]] ResultsOrigin read_origin(const Hdf5File& results);

}  // namespace clv
