#pragma once
// From what backends took of the sampled paths to figures. Every backend hands exact parts to this one place, which is
// why their results agree: it sees integers and order statistics, never who took them.

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "clv/risk/distribution.hpp"
#include "clv/risk/profit_prior.hpp"
#include "clv/risk/replicate_errors.hpp"
#include "clv/simulation/result.hpp"
#include "clv/simulation/run_frame.hpp"

namespace clv {

/// What the figures of one customer take from the sampled paths.
struct CustomerParts {
    /// [alternative]: of its values; for none of an assignment plan, unused.
    std::array<SampleParts, max_alternatives> sample;
    /// [alternative]: of its values minus those under none, path by path, both in units of the alternative's scale.
    std::array<UnitSums, max_alternatives> profit;
    /// [alternative]: of `profit`, and of the values under none, times the weights of their paths, where those have
    /// any.
    std::array<Wide, max_alternatives> weighted{};
    /// [alternative][m]: accepted paths in which the action was active in m paid months, each counted by its weight.
    std::array<std::vector<std::uint64_t>, max_alternatives> active_months;
    /// [alternative]: discounted revenue of those months, in units of the alternative's scale, likewise weighted; only
    /// of an action that costs a share of it.
    std::array<Wide, max_alternatives> active_revenue{};
    /// [alternative]: paid months minus those under none, over all paths, whatever their weights; of the laws that have
    /// contracts.
    std::array<std::int64_t, max_alternatives> added_months{};
    // Where gains are taken (RunFrame::takes_gains), [alternative]:
    std::array<SampleParts, max_alternatives> gain;                  ///< of `profit`, path by path
    std::array<std::uint64_t, max_alternatives> gains_above_zero{};  ///< paths
    /// Sums over paths of discounted cash minus that under none, [0..horizon], what is paid today in entry 0.
    std::array<std::vector<Wide>, max_alternatives> month_gain;
    std::uint64_t months_paid = 0;  ///< under none, over all paths
    /// Those that the samples hold; null: ResultAccumulator::ranks(), of the paths that every customer has.
    const RanksNeeded* ranks = nullptr;
    /// [alternative]: errors of `sample` and of the mean of `profit`, where paths come in replicates.
    std::array<ReplicateErrors, max_alternatives> errors;
    std::array<double, max_alternatives> profit_error{};
    std::array<ProfitPrior, max_alternatives> prior{};  ///< [alternative]: of `profit`
    Distribution figures;  ///< made of one alternative's parts when they are added; its buffers stay
};

class ResultAccumulator {
  public:
    using Scales = ValueScales;

    /// `frame` and what it refers to must outlive the accumulator.
    explicit ResultAccumulator(const RunFrame& frame);

    /// Prepares for the customers first .. first + count - 1.
    void begin_batch(std::size_t first, std::size_t count);
    /// Figures of the batch, once all of its workers are done.
    [[nodiscard]] const CustomerFigures& batch() const noexcept { return figures_; }

    /// Takes one customer's parts, all samples of the same number of paths; the values join the totals by add_totals.
    /// Different customers may be added at the same time.
    void add(std::size_t customer, const Scales& scales, CustomerParts& parts);
    /// Adds sums over customers: [segment][path] of value, and [segment][grouped_index] of cash, in units of the
    /// frame's total_scale and cash_scale. Not for several threads at once. Throws ModelError out of range.
    void add_totals(std::span<const std::int64_t> values, std::span<const std::int64_t> cash);
    /// Adds sums over customers of one segment: [path] of value and [grouped_index] of cash. Clears what it has added.
    /// For several threads at once.
    void add_to_segment(std::uint32_t segment, std::span<std::int64_t> values, std::span<std::int64_t> cash);

    [[nodiscard]] const RanksNeeded& ranks() const noexcept { return ranks_; }
    /// The ranks of a customer with another number of paths, in memory that is used again.
    void find_ranks(std::uint64_t paths, RanksNeeded& ranks) const;
    [[nodiscard]] const DistributionLevels& levels() const noexcept { return levels_; }
    /// Whether quantiles, CVaR and losses are taken, and not moments alone.
    [[nodiscard]] bool takes_ranks() const noexcept;
    [[nodiscard]] bool takes_gains() const noexcept { return frame_.takes_gains(); }
    /// Whether paths have weights, so that weighted means are all that is taken.
    [[nodiscard]] bool is_weighted() const noexcept { return !frame_.weights.whole.empty(); }
    /// Whether the values of all paths must be at hand once they are simulated; sums are enough otherwise.
    [[nodiscard]] bool needs_values() const noexcept { return takes_ranks() || (has_replicates() && !is_weighted()); }
    /// Whether standard errors are those of replicates (risk/replicate_errors.hpp).
    [[nodiscard]] bool has_replicates() const noexcept { return frame_.plan.settings.customers_have_replicates(); }
    /// Whether a round of more paths waits for the ranks of the one before.
    [[nodiscard]] bool target_needs_ranks() const noexcept { return takes_ranks() && target_level_.has_value(); }
    /// How far the customer's errors under none are from the target of the plan, which has one (precision.hpp).
    [[nodiscard]] double error_ratio(const FixedPoint& scale, const CustomerParts& parts) const;
    [[nodiscard]] std::uint64_t paths() const noexcept { return totals_.totals.paths; }
    [[nodiscard]] bool keeps_cash() const noexcept { return totals_.cashflow.paths > 0; }

    /// Stops the run (ModelError): a value of the customer does not fit its scale, or a sum over customers its own.
    [[noreturn]] static void refuse_value(std::size_t customer);
    [[noreturn]] static void refuse_total();

    [[nodiscard]] std::uint32_t segment_of(std::size_t customer) const noexcept;
    /// Call once, after all workers are done.
    [[nodiscard]] RunTotals finish();

  private:
    void add_uplift(std::size_t customer, int alternative, const FixedPoint& scale, CustomerParts& parts);
    void add_figures(std::size_t customer, int alternative, const FixedPoint& scale, CustomerParts& parts);
    void add_gains(std::size_t customer, int alternative, const FixedPoint& scale, CustomerParts& parts);
    void add_weighted(std::size_t customer, int alternative, const FixedPoint& scale, const CustomerParts& parts);
    /// `paths` as active_months counts them.
    [[nodiscard]] double expected_cost(std::size_t customer, int alternative, const FixedPoint& scale,
                                       const CustomerParts& parts, std::uint64_t paths) const;

    const RunFrame& frame_;
    DistributionLevels levels_;
    RanksNeeded ranks_;
    std::optional<std::size_t> target_level_;  ///< which quantile must meet the target too
    std::size_t first_ = 0;
    CustomerFigures figures_;
    RunTotals totals_;
};

}  // namespace clv
