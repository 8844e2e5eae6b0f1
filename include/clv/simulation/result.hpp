#pragma once
// What a run gives back: the figures of every customer and the totals of every path.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace clv {

/// Distribution of value under one action. One entry per customer; quantiles are [level][customer].
struct ClvFigures {
    std::vector<double> mean;
    std::vector<double> se;  ///< standard error of mean
    std::vector<double> sd;
    std::vector<std::vector<double>> quantiles;
    std::vector<std::vector<double>> quantile_se;
    std::vector<double> cvar;
    std::vector<double> cvar_se;
    std::vector<double> prob_loss;
};

/// Paired difference of one action to `none`, one entry per customer. NaN where the customer is not eligible.
struct UpliftFigures {
    std::vector<double> expected_profit;  ///< mean of CLV(action) - CLV(none), net of every cost
    std::vector<double> expected_profit_se;
    std::vector<double> cost;  ///< expected present value of all that the action costs
    /// Mean number of paid months within the horizon minus that under none; empty: the law has no contracts.
    std::vector<double> added_months{};
    // With simulation.uplift_distribution, else empty: of CLV(action) - CLV(none), path by path.
    std::vector<std::vector<double>> profit_quantiles{};  ///< [level][customer]
    std::vector<double> profit_cvar{};
    std::vector<double> prob_gain{};  ///< share of paths with a difference above 0
    /// First month, from 1, from which on the expected discounted cash that the action has added so far, all costs
    /// included, is at least 0 until the horizon; NaN: there is none.
    std::vector<double> payback_months{};
};

/// Sums over the customers of a segment, for every path, in fixed point: currency = value x unit.
struct PathTotals {
    std::uint64_t paths = 0;
    std::uint32_t segments = 0;        ///< at least 1; without segments everybody is in segment 0
    double unit = 1.0;                 ///< a power of two
    std::vector<std::int64_t> values;  ///< [segment][path]
    std::uint32_t apart = 0;           ///< so many of the last segments are no part of the portfolio
};

/// Undiscounted cash of every month, in fixed point like PathTotals.
struct CashflowTotals {
    std::uint64_t paths = 0;
    std::uint32_t segments = 0;
    int months = 0;
    double unit = 1.0;
    std::vector<std::int64_t> values;  ///< [segment][month - 1][path]
    std::uint32_t apart = 0;           ///< as of PathTotals
};

/// Figures of consecutive customers.
struct CustomerFigures {
    std::vector<ClvFigures> actions;    ///< [0] is none, [a] is plan.actions[a-1]; empty for an assignment run
    std::vector<UpliftFigures> uplift;  ///< [a-1] for plan.actions[a-1]; for an assignment run one entry, the chosen
    std::vector<double> expected_lifetime_months;  ///< mean number of paid months within the horizon, under none
    std::vector<std::uint32_t> paths_used;  ///< behind these figures; the totals have the plan's number of everybody
};

/// Figures of all customers together, path by path.
struct RunTotals {
    PathTotals totals;                  ///< value under none; for an assignment run the chosen actions minus none
    CashflowTotals cashflow;            ///< empty unless asked for; under none
    std::vector<PathTotals> scenarios;  ///< value under none in every scenario of the plan; the unit is that of totals
};

/// Takes the figures of every customer, batch after batch, in the order of the columns: what a run keeps in memory is
/// then one batch.
class CustomerSink {
  public:
    virtual ~CustomerSink() = default;
    /// Figures of customers `first`, `first` + 1, .. Called by one thread at a time.
    virtual void take(std::size_t first, const CustomerFigures& batch) = 0;
};

/// For runs of which only the totals matter.
class NoFigures final : public CustomerSink {
  public:
    void take(std::size_t /*first*/, const CustomerFigures& /*batch*/) override {}
};

/// Everything of a run in memory.
struct SimulationResult : CustomerFigures, RunTotals {};

}  // namespace clv
