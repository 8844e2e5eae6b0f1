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

/// The name of the row that sums up everybody, or everybody of today where those who have left are apart.
inline constexpr std::string_view portfolio_name = "portfolio";

/// The name of the row that sums up those who have left, where they are apart.
inline constexpr std::string_view churned_name = "churned";

/// The names of the rows of totals: portfolio_name, every segment, and churned_name where some are apart.
[[nodiscard]] std::vector<std::string> row_names(const CustomerTable& customers);

/// How many customers each of them sums up.
[[nodiscard]] std::vector<std::uint64_t> row_sizes(const CustomerTable& customers);

/// The distribution of the total value of a segment's customers, in currency.
struct PortfolioRow {
    std::string segment;  ///< one of row_names()
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

/// 1 for the highest value; ties go to the smaller id (by bytes), NaN comes last. 0 where `left_out`, [customer] or
/// empty, is not 0.
[[nodiscard]] std::vector<std::uint32_t> rank_by_value(std::span<const double> values, const IdColumn& customer_id,
                                                       std::span<const std::uint8_t> left_out = {});

/// The sums of a run in currency: [row of row_names()][path].
[[nodiscard]] std::vector<double> totals_in_currency(const PathTotals& totals, bool has_segments);

/// The first of these rows alone.
[[nodiscard]] std::vector<double> portfolio_in_currency(const PathTotals& totals);

/// Figures of every row of row_names(). `plan` is "none" or "chosen"; `months` is [customer], the paid months to be
/// expected under it, empty: unknown.
[[nodiscard]] std::vector<PortfolioRow> portfolio_rows(const PathTotals& totals, const CustomerTable& customers,
                                                       const SimulationSettings& settings, const std::string& plan,
                                                       std::span<const double> months = {});

/// Cash of every month, in the order of row_names(); empty if the run kept none. Acquisition costs, paid today, are no
/// month's.
[[nodiscard]] std::vector<CashflowRow> cashflow_rows(const CashflowTotals& cashflow, const CustomerTable& customers,
                                                     const SimulationSettings& settings);

/// The mean over paths of sums over customers, [path] in units of `unit`, with its error: that of the replicates where
/// paths come in replicates.
[[nodiscard]] MeanAndSpread mean_over_paths(std::span<const std::int64_t> units, double unit,
                                            const SimulationSettings& settings);

/// The mean of a - b, path by path, of every row of row_names(). The units of the two may differ.
[[nodiscard]] std::vector<MeanAndSpread> mean_differences(const PathTotals& a, const PathTotals& b, bool has_segments,
                                                          const SimulationSettings& settings);

/// Path by path: totals under none plus what the chosen actions change.
[[nodiscard]] PathTotals add_totals(const PathTotals& none, PathTotals difference);

}  // namespace clv
