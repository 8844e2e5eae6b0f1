#pragma once
// results.h5: everything a run found, as arrays (their names, units and meanings: file table, results.h5). The same
// results give the same bytes; nothing about how they were computed is in it.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "clv/data/customer_table.hpp"
#include "clv/output/hdf5_file.hpp"
#include "clv/output/results_writer.hpp"
#include "clv/simulation/plan.hpp"
#include "clv/simulation/result.hpp"

namespace clv {

/// Version of the layout; a reader refuses any other.
inline constexpr std::uint64_t results_format_version = 1;

/// What the results come from: root attributes of results.h5.
struct ResultsOrigin {
    std::string program_version;
    std::uint64_t seed = 0;
    std::string config_hash;  ///< of the statistical keys
    std::string input_hash;
};

/// Value of all customers in every path under one plan.
struct PlanTotals {
    std::string plan;            ///< "none" or "chosen"
    std::vector<double> values;  ///< [portfolio, then every segment][path], currency
};

/// The sums of a run in currency, as PlanTotals hold them: the portfolio, then every segment if there are segments.
[[nodiscard]] std::vector<double> totals_in_currency(const PathTotals& totals, bool has_segments);

struct ResultsContent {
    const CustomerTable& customers;
    const SimulationPlan& plan;
    const SimulationResult& result;  ///< of every action
    std::span<const PortfolioRow> portfolio;
    std::span<const PlanTotals> totals;
    std::span<const CashflowRow> cashflow;  ///< empty if not asked for
};

/// Throws OutputError, Interrupted; std::logic_error if the parts do not belong together.
void write_results_h5(const std::filesystem::path& path, const ResultsOrigin& origin, const ResultsContent& content);

/// Opens a results.h5 for reading. Throws InputError if it is none or of an unknown version.
[[nodiscard]] Hdf5File open_results_h5(const std::filesystem::path& path);
[[nodiscard]] ResultsOrigin read_origin(const Hdf5File& results);

}  // namespace clv
