#pragma once
// From path totals to the figures of the portfolio and its segments.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "clv/data/customer_table.hpp"
#include "clv/output/results_writer.hpp"
#include "clv/risk/fixed_point.hpp"
#include "clv/simulation/plan.hpp"
#include "clv/simulation/result.hpp"

namespace clv {

/// The portfolio's row, then one per segment if there are segments. `plan` is "none" or "chosen"; `months` is
/// [customer], the paid months to be expected under it, empty: unknown.
[[nodiscard]] std::vector<PortfolioRow> portfolio_rows(const PathTotals& totals, const CustomerTable& customers,
                                                       const SimulationSettings& settings, const std::string& plan,
                                                       std::span<const double> months = {});

/// Cash of every month, the portfolio first; empty if the run kept none. Acquisition costs, paid today, are no month's.
[[nodiscard]] std::vector<CashflowRow> cashflow_rows(const CashflowTotals& cashflow, const CustomerTable& customers,
                                                     const SimulationSettings& settings);

/// Of sums over customers, [path] in units of `unit`: their mean with its error, by replicates where paths come so.
[[nodiscard]] MeanAndSpread mean_over_paths(std::span<const std::int64_t> units, double unit,
                                            const SimulationSettings& settings);

/// Of all segments together, then of every segment: the mean of a - b, path by path. Their units may differ.
[[nodiscard]] std::vector<MeanAndSpread> mean_differences(const PathTotals& a, const PathTotals& b,
                                                          const SimulationSettings& settings);

/// Path by path: totals under none plus what the chosen actions change.
[[nodiscard]] PathTotals add_totals(const PathTotals& none, PathTotals difference);

}  // namespace clv
