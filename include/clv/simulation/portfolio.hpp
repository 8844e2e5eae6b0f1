#pragma once
// From path totals to the figures of the portfolio and its segments, and the order of the customers.

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/risk/fixed_point.hpp"
#include "clv/simulation/plan.hpp"
#include "clv/simulation/result.hpp"

namespace clv {

/// The name of the row that sums up everybody.
inline constexpr std::string_view portfolio_name = "portfolio";

/// The distribution of the total value of a segment's customers, in currency.
struct PortfolioRow {
    std::string segment;  ///< portfolio_name or a segment
    std::string plan;     ///< "none" or "chosen"
    std::uint64_t customers = 0;
    double mean = 0.0;
    double se = 0.0;
    double sd = 0.0;
    std::vector<double> quantiles;  ///< at the levels of the run
    double cvar = 0.0;
    double prob_loss = 0.0;
    double var = 0.0;  ///< mean minus the quantile at the CVaR level
    /// Mean paid months of a customer within the horizon; NaN: unknown.
    double months = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> quantile_se{};  ///< empty: unknown
    double cvar_se = std::numeric_limits<double>::quiet_NaN();
};

/// The cash of one month of a segment's customers, in currency.
struct CashflowRow {
    std::string segment;
    int month = 0;  ///< from 1
    double mean = 0.0;
    std::vector<double> quantiles;
};

/// Value of all customers in every path under one plan.
struct PlanTotals {
    std::string plan;  ///< "none" or "chosen"
    PathTotals totals;
};

/// One segment's figures in one scenario, and how they differ from the base, path by path.
struct ScenarioRow {
    std::string scenario;
    PortfolioRow figures;
    double difference = 0.0;     ///< currency
    double difference_se = 0.0;  ///< currency
};

/// 1 for the highest value; ties go to the smaller id (by bytes), NaN comes last.
[[nodiscard]] std::vector<std::uint32_t> rank_by_value(std::span<const double> values, const IdColumn& customer_id);

/// The sums of a run in currency: [portfolio, then every segment if there are segments][path].
[[nodiscard]] std::vector<double> totals_in_currency(const PathTotals& totals, bool has_segments);

/// The portfolio's row, then one per segment if there are segments. `plan` is "none" or "chosen"; `months` is
/// [customer], the paid months to be expected under it, empty: unknown.
[[nodiscard]] std::vector<PortfolioRow> portfolio_rows(const PathTotals& totals, const CustomerTable& customers,
                                                       const SimulationSettings& settings, const std::string& plan,
                                                       std::span<const double> months = {});

/// Cash of every month, the portfolio first; empty if the run kept none. Acquisition costs, paid today, are no month's.
[[nodiscard]] std::vector<CashflowRow> cashflow_rows(const CashflowTotals& cashflow, const CustomerTable& customers,
                                                     const SimulationSettings& settings);

/// The mean over paths of sums over customers, [path] in units of `unit`, with its error: that of the replicates where
/// paths come in replicates.
[[nodiscard]] MeanAndSpread mean_over_paths(std::span<const std::int64_t> units, double unit,
                                            const SimulationSettings& settings);

/// The mean of a - b, path by path, of all segments together and then of every segment. The units of the two may
/// differ.
[[nodiscard]] std::vector<MeanAndSpread> mean_differences(const PathTotals& a, const PathTotals& b,
                                                          const SimulationSettings& settings);

/// Path by path: totals under none plus what the chosen actions change.
[[nodiscard]] PathTotals add_totals(const PathTotals& none, PathTotals difference);

}  // namespace clv
